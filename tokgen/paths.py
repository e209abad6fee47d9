"""Paths: what they lead to, folders that lack, and in one sentence why one cannot be used."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from tokgen.errors import RequestError, TokgenError

_MENDED_BY_THE_USER = {
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its symbolic links lead in a circle",
    errno.EROFS: "its file system is read-only",
    errno.EACCES: "you have no permission",
    errno.EPERM: "you have no permission",
}
_MENDED_ELSEWHERE = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EFBIG: "a file may not grow so large here",
    errno.EBADF: "it is closed",
}


def user_path(text: str) -> Path:
    """The path that a user typed; `~` and `~name` stand for home folders.

    Raises:
        RequestError: it is empty, or it is not a name that a file can have in UTF-8.
    """
    if not text:
        raise RequestError("A path is empty: the name of a file is needed.")
    if "\0" in text:
        raise RequestError(f"{text!r} is not a path: it holds a NUL character.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise RequestError(f"{text!r} is not a path for tokgen: it is not UTF-8.") from None
    return Path(os.path.expanduser(text))


def is_there(path: str | Path) -> bool:
    """Whether anything may stand there, be it out of reach, so that a reader tells what it is."""
    try:
        os.stat(path)
    except ValueError:
        return False
    except OSError as error:
        return error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}
    return True


def from_any_folder(name: str) -> str:
    """The absolute path of a file that is there; any other name as it is."""
    return os.path.abspath(name) if is_there(name) else name


def followed(path: Path) -> Path:
    """The path itself, or what it leads to where it is a symbolic link."""
    return Path(os.path.realpath(path)) if os.path.islink(path) else path


def is_same_file(path: Path, other: Path) -> bool:
    """Whether two paths lead to one regular file or one pipe, by whatever links."""
    try:
        first, second = path.stat(), other.stat()
    except (OSError, ValueError):
        return False
    kind = stat.S_IFMT(first.st_mode)
    return kind in (stat.S_IFREG, stat.S_IFIFO) and os.path.samestat(first, second)


def own_descriptor(path: Path) -> int | None:
    """N where the path leads to /dev/stdout, /dev/fd/N or the like, which is not opened anew.

    What is opened anew begins at byte 0, over what the shell or tokgen wrote there before.
    """
    folder = os.path.realpath(path.parent)
    if folder in {"/dev/fd", f"/proc/{os.getpid()}/fd"} and path.name.isdecimal():
        return int(path.name)
    return own_descriptor(path.parent / path.readlink()) if os.path.islink(path) else None


def kind_of(mode: int) -> str:
    """`"a folder"`, `"a pipe"` or what else has this mode of `os.stat`."""
    kinds = {
        stat.S_IFREG: "a file",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "a device")


def refusal(
    attempt: str, path: Path, error: OSError | ValueError, more: Mapping[int, str]
) -> TokgenError:
    """The error whose sentence says why something could not be done with a path.

    Args:
        attempt: What follows "Cannot" in the sentence, such as `"write"`.
        path: What the user named.
        error: What the system said; a `ValueError` is about the name itself.
        more: Reasons, by their number, that the user can mend; they go before the general ones.

    Returns:
        A `RequestError` if another path or a permission helps, a `TokgenError` if the machine
        failed.
    """
    said = f"Cannot {attempt} {str(path)!r}"
    if isinstance(error, ValueError):
        return RequestError(f"{said}: no file can have this name.")
    mended_by_the_user = {
        errno.ENOTDIR: f"{str(_file_on_the_way(path))!r} is not a folder",
        **_MENDED_BY_THE_USER,
        **more,
    }
    number = error.errno or 0
    if number in mended_by_the_user:
        return RequestError(f"{said}: {mended_by_the_user[number]}.")
    return TokgenError(f"{said}: {_MENDED_ELSEWHERE.get(number, error.strerror or str(error))}.")


def cannot_write(path: Path, error: OSError | ValueError) -> TokgenError:
    """Why a file could not be written; `refusal` tells which error it is."""
    folder = str(followed(path).parent)
    forbidden = f"you have no permission to write in the folder {folder!r}"
    reasons = {
        errno.ENOENT: f"there is no folder {folder!r}",
        errno.EACCES: forbidden,
        errno.EPERM: forbidden,
        errno.EISDIR: "it is a folder",
    }
    return refusal("write", path, error, reasons)


def cannot_remove(path: Path, error: OSError) -> TokgenError:
    """Why a file could not be removed; `refusal` tells which error it is."""
    forbidden = "you have no permission to change its folder"
    return refusal("remove", path, error, {errno.EACCES: forbidden, errno.EPERM: forbidden})


def replaceable(path: Path, inputs: Iterable[Path]) -> Path | None:
    """The regular file that writing to `path` replaces or makes; None for a device or a pipe.

    Raises:
        RequestError: it is a folder, one of the inputs, or may not be written.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return followed(path)
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from None
    if stat.S_ISDIR(mode):
        raise RequestError(f"Cannot write {str(path)!r}: it is a folder.")
    for each in inputs:
        if is_same_file(path, each):
            raise RequestError(
                f"Cannot write {str(path)!r}: it is the same file as {str(each)!r}, "
                "which this command reads."
            )
    if stat.S_ISREG(mode) and own_descriptor(path) is None:
        _check_may_change(path)
        return followed(path)
    if not os.access(path, os.W_OK):
        raise _no_permission(path)
    return None


def make_folder(folder: Path) -> None:
    """Make one of tokgen's own folders (cache, data, state), with those above it.

    Raises:
        RequestError: a file stands in its place, or you have no permission.
        TokgenError: the disk is full or fails.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        in_its_place = {errno.EEXIST: "a file with this name is there"}
        raise refusal("make the folder", folder, error, in_its_place) from None


def _check_may_change(path: Path) -> None:
    """What is read-only is not replaced, though its folder would allow it."""
    try:
        os.close(os.open(path, os.O_WRONLY))
    except PermissionError:
        raise _no_permission(path) from None
    except OSError as error:
        raise cannot_write(path, error) from None


def _no_permission(path: Path) -> RequestError:
    return RequestError(f"Cannot write {str(path)!r}: you have no permission to change it.")


def _file_on_the_way(path: Path) -> Path:
    """The part of the path that would have to be a folder and is none."""
    parents = followed(path).parents
    return next((part for part in parents if os.path.lexists(part)), path.parent)
