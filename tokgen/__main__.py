"""`python -m tokgen` is the command `tokgen`."""

from tokgen.cli import main

main()
