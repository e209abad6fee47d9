"""A session in a file while it runs, so that a crash or a closed window loses none of its tree."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from platformdirs import user_data_path

from tokgen.files import writing_whole
from tokgen.paths import make_folder
from tokgen.session.file import session_content
from tokgen.session.state import State

RUNNING, LEFT = "running-", "left-"
MOST_LEFT = 5


def recovery_folder() -> Path:
    """Where the files of running sessions are, in the user's data folder."""
    return user_data_path("tokgen", appauthor=False) / "sessions"


class Recovery:
    """The file that holds a running session."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{RUNNING}{os.getpid()}-{os.urandom(4).hex()}.json"
        self._kept = b""

    def keep(self, state: State) -> None:
        """Write the session where it has changed and holds more than its root.

        Raises:
            TokgenError: it cannot be written.
        """
        content = session_content(state)
        if len(state.places) == 1:
            self.discard()
        elif content != self._kept:
            make_folder(self._path.parent)
            self._path.parent.chmod(0o700)
            with writing_whole(self._path) as file:
                file.write(content)
            self._kept = content

    def discard(self) -> None:
        """Remove the file of a session that ended well, or holds nothing any more."""
        self._kept = b""
        with suppress(OSError):
            self._path.unlink()


def left_behind(folder: Path) -> list[Path]:
    """The sessions that did not end well since this was asked last; the files have new names now.

    So each is told once. The last few are kept for whoever wants them later.
    """
    found = []
    for path in folder.glob(f"{RUNNING}*.json"):
        with suppress(OSError):
            if not _is_written_still(path):
                found.append(path.rename(_name_when_left(path)))
    for path in sorted(folder.glob(f"{LEFT}*.json"))[:-MOST_LEFT]:
        with suppress(OSError):
            path.unlink()
    return sorted(path for path in found if path.exists())


def _name_when_left(path: Path) -> Path:
    moment = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(path.stat().st_mtime))
    return path.with_name(f"{LEFT}{moment}-{path.stem.rpartition('-')[2]}.json")


def _is_written_still(path: Path) -> bool:
    """Whether the process that writes it runs; a file with this process' number is an old one."""
    process = path.name.removeprefix(RUNNING).partition("-")[0]
    if sys.platform == "win32" or not process.isdecimal() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
