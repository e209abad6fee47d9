"""What a person types while something else is shown: it waits for the prompt, unseen."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unechoed() -> Iterator[None]:
    """Meanwhile the terminal does not show what is typed, which would stay between other lines.

    Nothing of it is lost: whoever reads next finds it.
    """
    terminal = _own_terminal()
    if terminal is None:
        yield
        return
    import termios

    before = termios.tcgetattr(terminal)
    without = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(terminal, termios.TCSANOW, without)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSANOW, before)


def _own_terminal() -> int | None:
    """The terminal that standard input comes from; None where there is none to set.

    Whoever sets a terminal from the background is stopped.
    """
    if sys.platform == "win32":
        return None
    try:
        terminal = sys.stdin.fileno()
        is_own = os.isatty(terminal) and os.tcgetpgrp(terminal) == os.getpgrp()
    except (AttributeError, OSError, ValueError):
        return None
    return terminal if is_own else None
