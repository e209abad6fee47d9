"""`python -m tokgen` is the command `tokgen`, and so is the script of that name."""

import gc
import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until the command line is imported, nothing could catch Ctrl-C: it ends the process itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# What is imported stays to the end: to look for garbage in it would only take time.
gc.disable()

from tokgen.cli import main  # noqa: E402

# The process of a training imports this file too, and never comes to `main`, which goes on so.
gc.enable()

if __name__ == "__main__":
    main()
