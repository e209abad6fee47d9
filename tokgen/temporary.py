"""Temporary files: beside the file that they shall replace, claimed while their writer lives.

The claim is a lock, which the system drops when the process ends. So it tells the living from the
dead where the number of a process cannot: in containers, on a disk that machines share, after the
number went to another process.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".tokgen-tmp"
_THIS_PROCESS = os.urandom(4).hex()
_SECONDS_UNTIL_LEFT = 3600


@dataclass(frozen=True)
class Temporary:
    """A new, empty file; whoever writes it closes `descriptor`."""

    path: Path
    descriptor: int
    claim: int | None

    def discard(self) -> None:
        """Remove the file, if it is still there, and give up the claim."""
        with suppress(OSError):
            self.path.unlink()
        if self.claim is not None:
            os.close(self.claim)


def create_beside(target: Path) -> Temporary:
    """A temporary file with the mode, and where that is allowed the owner, of the target.

    What killed processes left behind for the same target is removed first.

    Raises:
        OSError: the folder of the target takes no new file.
    """
    remove_leftovers(target.parent, _prefix(target))
    kept = target.stat() if os.path.exists(target) else None
    mode = 0o666 if kept is None else stat.S_IMODE(kept.st_mode)
    while True:
        path = target.with_name(f"{_prefix(target)}{_THIS_PROCESS}-{os.urandom(4).hex()}{SUFFIX}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, mode)
        temporary = Temporary(path, descriptor, _claim(descriptor))
        if os.path.exists(path):
            break
        # Another writer took it for a leftover in the moment before it was claimed.
        os.close(descriptor)
        temporary.discard()
    if kept is not None:
        _give_owner_and_mode(path, kept)
    return temporary


def _prefix(target: Path) -> str:
    """The beginning of the name is for people, the digest tells targets apart."""
    digest = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:8]
    return f".{target.name[:16]}.{digest}-"


def remove_leftovers(folder: Path, prefix: str = ".") -> None:
    """Remove the temporary files of dead processes whose names begin so; others stay."""
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(prefix) and name.endswith(SUFFIX) and _THIS_PROCESS not in name:
                with suppress(OSError):
                    _remove_unclaimed(folder / name)


if sys.platform == "win32":

    def _give_owner_and_mode(path: Path, kept: os.stat_result) -> None:
        """A new file there has its rights from its folder."""

    def _claim(descriptor: int) -> int | None:
        """An open file cannot be removed there, so it needs no lock."""
        return None

    def _remove_unclaimed(path: Path) -> None:
        """Between closing and renaming a file is not protected, so only old ones go."""
        if time.time() - path.stat().st_mtime > _SECONDS_UNTIL_LEFT:
            path.unlink()

else:
    import fcntl

    def _give_owner_and_mode(path: Path, kept: os.stat_result) -> None:
        with suppress(OSError):
            os.chown(path, kept.st_uid, kept.st_gid)
        with suppress(OSError):
            path.chmod(stat.S_IMODE(kept.st_mode))

    def _claim(descriptor: int) -> int | None:
        """A second descriptor holds the lock until the file, closed by then, has been renamed."""
        claim = os.dup(descriptor)
        with suppress(OSError):
            fcntl.flock(claim, fcntl.LOCK_EX)
        return claim

    def _remove_unclaimed(path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(descriptor)
