"""Writing users' files: whole or not at all, and never over what the command reads.

A regular file, or one that is not there yet, is written beside and renamed in one step: symbolic
links are followed, the mode is kept, and other hard links keep what was there. Anything else (a
device, a pipe, standard output by its path) is written through.

    check_writable(output, inputs=[corpus])  # before the work
    with writing_keeping_partial(output, inputs=[corpus]) as file:
        file.writelines(chunks)
"""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tokgen.errors import TokgenError
from tokgen.inputs import inputs_so_far
from tokgen.paths import cannot_write, is_same_file, own_descriptor, replaceable
from tokgen.temporary import Temporary, create_beside

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class WritingInterrupted(KeyboardInterrupt):
    """The user stopped the writing of a file; `partial` holds what was written until then."""

    def __init__(self, partial: Path) -> None:
        super().__init__(f"Interrupted; what was written is kept in {str(partial)!r}.")
        self.partial = partial


def check_writable(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuse before the work what could not be written after it.

    `inputs` are files that the work reads, beside those that the command has told (`inputs.reads`).
    Nothing at `path` changes. A temporary file is made beside it and removed, since nothing less
    tells for certain.

    Raises:
        RequestError: there is no such folder, it is a folder itself, it or its folder may not be
            written, no file can have this name, or it is one of the inputs.
        TokgenError: the disk is full or fails.
    """
    target = replaceable(path, (*inputs, *inputs_so_far()))
    if target is not None:
        temporary = _temporary(path, target)
        os.close(temporary.descriptor)
        temporary.discard()


def unchecked(written: Path) -> None:
    """Take a file as it was written."""


@contextmanager
def writing_whole(
    path: Path, inputs: Iterable[Path] = (), check: Callable[[Path], object] = unchecked
) -> Iterator[BinaryIO]:
    """Write a file whose beginning alone is worth nothing: a checkpoint, a session, a picture.

    When the block ends well the file is there. When anything is raised in it, Ctrl-C included,
    what was at `path` is still there; so it is when `check`, which may read the temporary file
    before it is renamed, raises anything. What is written through is not checked.

    Raises:
        RequestError: as `check_writable`.
        TokgenError: the disk is full or fails.
        BrokenPipeError: the reader of a pipe has gone.
    """
    target = replaceable(path, (*inputs, *inputs_so_far()))
    if target is None:
        with _through(path) as file:
            yield file
        return
    with _beside(path, target) as (file, temporary):
        yield file
        file.flush()
        check(temporary.path)
        _put_in_place(file, temporary, target, path)


@contextmanager
def writing_keeping_partial(path: Path, inputs: Iterable[Path] = ()) -> Iterator[BinaryIO]:
    """Write a file whose beginning is worth keeping: generated documents, a table.

    As `writing_whole`, but on Ctrl-C what was written is kept beside as `NAME.partial`, unless
    nothing was, or that file is an input. A caller with fewer documents than asked for lets the
    block end well and complains afterwards.

    Raises:
        WritingInterrupted: Ctrl-C was pressed and a partial file is kept.
        RequestError, TokgenError, BrokenPipeError: as `writing_whole`.
    """
    inputs = (*inputs, *inputs_so_far())
    target = replaceable(path, inputs)
    if target is None:
        with _through(path) as file:
            yield file
        return
    with _beside(path, target) as (file, temporary):
        try:
            yield file
            _put_in_place(file, temporary, target, path)
        except KeyboardInterrupt:
            partial = target.with_name(f"{target.name}.partial")
            if not _keep(file, temporary, partial, inputs):
                raise
            raise WritingInterrupted(partial) from None


def text_to(file: BinaryIO) -> codecs.StreamWriter:
    """A writer of text into a file that is being written: UTF-8, line ends as they are given."""
    return codecs.getwriter("utf-8")(file)


@contextmanager
def _failures_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _told(path, error) from None


def _told(path: Path, error: OSError) -> Exception:
    """A reader that has gone is no failure of writing: the command line ends in silence then."""
    return error if isinstance(error, BrokenPipeError) else cannot_write(path, error)


class _Output(io.BufferedWriter):
    """A file whose failures name the user's path, and no failure of the block around it does."""

    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(io.FileIO(descriptor, "wb"))
        self._path = path

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise _told(self._path, error) from None

    def flush(self) -> None:
        with _failures_told(self._path):
            super().flush()

    def close_unflushed(self) -> None:
        with suppress(OSError):
            self.raw.close()


def _temporary(path: Path, target: Path) -> Temporary:
    with _failures_told(path):
        return create_beside(target)


@contextmanager
def _beside(path: Path, target: Path) -> Iterator[tuple[_Output, Temporary]]:
    """A temporary file, which is gone at the end unless it was renamed."""
    temporary = _temporary(path, target)
    file = _Output(temporary.descriptor, path)
    try:
        yield file, temporary
    finally:
        file.close_unflushed()
        temporary.discard()


def _put_in_place(file: _Output, temporary: Temporary, target: Path, path: Path) -> None:
    with _failures_told(path):
        file.flush()
        os.fsync(file.fileno())
        file.close()
        temporary.path.replace(target)


def _keep(file: _Output, temporary: Temporary, partial: Path, inputs: Iterable[Path]) -> bool:
    """Rename to `partial` what was written, be it little after a failure; whether there is any."""
    with suppress(OSError, TokgenError):
        file.close()
    if any(is_same_file(partial, each) for each in inputs):
        return False
    with suppress(OSError):
        if temporary.path.stat().st_size > 0:
            temporary.path.replace(partial)
            return True
    return False


@contextmanager
def _through(path: Path) -> Iterator[_Output]:
    with _failures_told(path):
        own = own_descriptor(path)
        binary = getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, os.O_WRONLY | binary) if own is None else os.dup(own)
    file = _Output(descriptor, path)
    try:
        yield file
    except KeyboardInterrupt:
        file.close_unflushed()  # a reader that does not read would make the user wait
        raise
    except BaseException:
        with suppress(OSError, TokgenError):
            file.close()
        raise
    with _failures_told(path):
        file.close()
