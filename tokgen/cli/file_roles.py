"""What a command does with the files that its options name, and what it refuses before it begins.

An option says in its annotation what its file is for. Every command is wrapped by `checking_files`:
what it is going to write can be written and is none of its inputs, no two outputs are one file, and
no two inputs one pipe.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from enum import Enum, auto
from pathlib import Path
from typing import Any

from tokgen.cli.terminal import say
from tokgen.errors import RequestError
from tokgen.files import check_writable
from tokgen.inputs import reads
from tokgen.paths import is_same_file, own_descriptor
from tokgen.reading import check_no_checkpoint


class FileRole(Enum):
    """What the file of an option is for; a picture and a checkpoint are written, too."""

    read = auto()
    written = auto()
    picture = auto()
    checkpoint = auto()


def checking_files(command: Callable[..., None]) -> Callable[..., None]:
    """The command, which begins only if the files that it shall write can be written."""
    parameters = inspect.signature(command, eval_str=True).parameters
    roles = {name: role_of(parameter) for name, parameter in parameters.items()}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        files = [
            (role, path)
            for name, role in roles.items()
            if role is not None
            for path in _paths(given[name])
        ]
        inputs = [path for role, path in files if role is FileRole.read]
        _check_inputs(inputs)
        reads(*inputs)
        _check_outputs([path for role, path in files if role is not FileRole.read])
        for role, path in files:
            if role in (FileRole.written, FileRole.picture):
                check_no_checkpoint(path)
            if role is FileRole.picture:
                # matplotlib is imported only where a picture is asked for.
                from tokgen.text_model.plots import check_drawable

                check_drawable(path)
        with _output_apart(path for role, path in files if role is not FileRole.read):
            command(**given)
        for role, path in files:
            if role is FileRole.picture and own_descriptor(path) is None:
                say(f"wrote {path}")

    return run


def role_of(parameter: inspect.Parameter) -> FileRole | None:
    """What the annotation of an option says of its file."""
    said = getattr(parameter.annotation, "__metadata__", ())
    return next((each for each in said if isinstance(each, FileRole)), None)


def _output_apart(outputs: Iterable[Path]) -> AbstractContextManager[Any]:
    """Where a file goes to standard output (`/dev/stdout`), what is printed goes elsewhere."""
    is_standard_output = any(own_descriptor(path) == 1 for path in outputs)
    return redirect_stdout(sys.stderr) if is_standard_output else nullcontext()


def _paths(value: Any) -> list[Path]:
    values = value if isinstance(value, list) else [value]
    return [Path(each) for each in values if each is not None]


def _check_inputs(inputs: list[Path]) -> None:
    for path, other in itertools.combinations(inputs, 2):
        if is_same_file(path, other) and path.is_fifo():
            raise RequestError(f"Cannot read {str(other)!r} twice: it is a pipe.")


def _check_outputs(outputs: list[Path]) -> None:
    for number, path in enumerate(outputs):
        check_writable(path)
        if any(_is_one_file(path, other) for other in outputs[:number]):
            raise RequestError(
                f"Cannot write {str(path)!r}: this command would write two outputs to it."
            )


def _is_one_file(path: Path, other: Path) -> bool:
    """Whether two outputs are one file, or would be when they are there."""
    if path.exists() and not path.is_file():
        return False
    return is_same_file(path, other) or path.resolve() == other.resolve()
