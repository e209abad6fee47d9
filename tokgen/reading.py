"""Reading users' files: never more bytes than the caller can take, and never a device."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from tokgen.errors import RequestError, TokgenError
from tokgen.paths import kind_of, refusal

_CHUNK = 1 << 20
# As safetensors has it: eight bytes tell the length of a header in JSON, at most this long.
TENSORS_LENGTH, LARGEST_TENSORS_HEADER = 8, 100_000_000
# A text has none of the other control characters.
_CONTROLS_IN_TEXT = frozenset(b"\t\n\v\f\r")


def read_file(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises:
        RequestError: as `regular_size`, or the file is larger, or you have no permission.
        TokgenError: the disk fails.
    """
    size = regular_size(path)
    if size > limit:
        raise RequestError(
            f"Cannot read {str(path)!r}: it has {size:,} bytes, and {limit:,} are the most "
            "that can be read here."
        )
    return _content(path, limit)


def read_file_or_pipe(path: Path, limit: int) -> bytes:
    """As `read_file`, and a pipe is read to its end: a named one or process substitution."""
    return _content(path, limit) if is_pipe(path) else read_file(path, limit)


def is_pipe(path: Path) -> bool:
    """Whether it is a pipe, which can be read once; raises as `regular_size`."""
    return stat.S_ISFIFO(_mode_of(path))


def regular_size(path: Path) -> int:
    """The size in bytes of a regular file; nothing is read.

    Raises:
        RequestError: there is no such file, it is a folder, a device, a pipe or a socket, or its
            folder may not be entered.
    """
    mode = _mode_of(path)
    if not stat.S_ISREG(mode):
        wanted = "" if stat.S_ISDIR(mode) else ", and a file is needed here"
        raise RequestError(f"Cannot read {str(path)!r}: it is {kind_of(mode)}{wanted}.")
    return path.stat().st_size


def check_readable(path: Path) -> None:
    """Refuse what is no regular file or may not be read, where another library is to read it.

    Raises:
        RequestError: as `regular_size`, or you have no permission.
    """
    regular_size(path)
    _opened(path).close()


def files_in(folder: Path) -> list[Path]:
    """The paths in a folder in order, none where there is no such folder.

    Raises:
        RequestError: you may not read or enter it.
        TokgenError: the disk fails.
    """
    try:
        names = sorted(os.listdir(folder))
        os.stat(os.path.join(folder, os.curdir))  # Without a permission to enter, names are no use.
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _cannot_read(folder, error) from None
    return [folder / name for name in names]


def read_stream(stream: BinaryIO, limit: int, source: str) -> bytes:
    """What a stream holds until its end, if that is at most `limit` bytes.

    Args:
        stream: An open file, a pipe, standard input.
        limit: A number of bytes; at most one more is read.
        source: How a sentence names the stream: `"'words.txt'"`, `"standard input"`.

    Raises:
        RequestError: it holds more.
        TokgenError: the disk or whatever feeds the stream fails.
    """
    content = io.BytesIO()
    try:
        while chunk := stream.read(min(_CHUNK, limit + 1 - content.tell())):
            content.write(chunk)
    except OSError as error:
        raise TokgenError(f"Cannot read {source}: {error.strerror}.") from None
    if content.tell() > limit:
        raise RequestError(
            f"Cannot read {source}: it has more than {limit:,} bytes, which are the most that "
            "can be read here."
        )
    return content.getvalue()


def decode_utf8(content: bytes, source: str) -> str:
    """The text that the bytes spell in UTF-8.

    Raises:
        RequestError: they are a checkpoint, or not UTF-8; the line and the byte in it are named.
    """
    if begins_as_tensors(content):
        said = f"{source} holds a checkpoint, not a text: give it as `checkpoint`."
        raise RequestError(said, field="checkpoint")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise RequestError(
            f"{source} is not UTF-8: line {line}, byte {column} is 0x{content[error.start]:02x}."
        ) from None


def check_no_checkpoint(path: Path) -> None:
    """Refuse a place for anything else that would replace a trained model.

    Raises:
        RequestError: the file there holds a checkpoint.
    """
    with contextlib.suppress(OSError):  # Why a file cannot be written, its writer says.
        if path.is_file() and begins_as_tensors(_beginning(path)):
            why = "it holds a checkpoint, which only a training replaces"
            raise RequestError(f"Cannot write {str(path)!r}: {why}.")


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(TENSORS_LENGTH + 2)


def begins_as_tensors(content: bytes) -> bool:
    """Whether it has the shape of a safetensors file."""
    header = int.from_bytes(content[:TENSORS_LENGTH], "little")
    begin = content[TENSORS_LENGTH : TENSORS_LENGTH + 2]
    return begin == b'{"' and header <= LARGEST_TENSORS_HEADER


def begins_as_text(content: bytes) -> bool:
    """Whether the first bytes of a file, of which the last character may be cut, are a text."""
    if not content or any(byte < 32 and byte not in _CONTROLS_IN_TEXT for byte in content):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return False
    return True


def read_utf8(path: Path, limit: int) -> bytes:
    """As `read_file`, and the content is checked to be UTF-8, as `decode_utf8` does."""
    content = read_file(path, limit)
    decode_utf8(content, repr(str(path)))
    return content


def _content(path: Path, limit: int) -> bytes:
    with _opened(path) as file:
        return read_stream(file, limit, repr(str(path)))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise _cannot_read(path, error) from None


def _mode_of(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (OSError, ValueError) as error:
        raise _cannot_read(path, error) from None


def _cannot_read(path: Path, error: OSError | ValueError) -> TokgenError:
    forbidden = "you have no permission to read it"
    reasons = {
        errno.ENOENT: "there is no such file",
        errno.EACCES: forbidden,
        errno.EPERM: forbidden,
    }
    return refusal("read", path, error, reasons)
