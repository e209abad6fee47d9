"""Reading and writing files: UTF-8 checked, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokgen.errors import RequestError, TokgenError


def cannot_write(path: Path, error: OSError) -> TokgenError:
    """Why a file could not be written: a path that cannot be one is the request's fault."""
    said = f"Cannot write {str(path)!r}: {error.strerror}."
    wrong = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
    return RequestError(said) if wrong else TokgenError(said)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary sibling that becomes `path` in one step when the block ends well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from None


def read_bytes(path: Path) -> bytes:
    """A file's bytes, checked to be UTF-8.

    Raises:
        RequestError: it is missing, a directory, unreadable, or not UTF-8 (line and byte named).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RequestError(f"Cannot read {str(path)!r}: {error.strerror}.") from None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise RequestError(
            f"{str(path)!r} is not UTF-8: line {line}, byte {column} "
            f"is 0x{content[error.start]:02x}."
        ) from None
    return content
