"""What the import of the command's own module leaves behind, as processes of trainings make it."""

from __future__ import annotations

import subprocess
import sys


def test_who_imports_the_command_still_collects_garbage():
    looking = "import gc, tokgen.__main__; print(gc.isenabled())"
    done = subprocess.run([sys.executable, "-c", looking], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
