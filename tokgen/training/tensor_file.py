"""A .safetensors file: tensors and one JSON text, sealed with a hash, written whole or not at all.

Never pickle. What the text means is not known here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save

from tokgen.arrays import Arrays
from tokgen.errors import RequestError, TokgenError
from tokgen.files import writing_whole
from tokgen.reading import LARGEST_TENSORS_HEADER, TENSORS_LENGTH, begins_as_text, check_readable

_TEXT_KEY = "tokgen"


_DIGEST_KEY = "sha256"
_LOOKED_AT = 4096
_INTEGERS = ("I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8")
_READABLE = ("F64", "F32", "F16", *_INTEGERS, "BOOL")


def as_file(arrays: Arrays, text: str) -> bytes:
    """What a file with these tensors and this text holds."""
    tensors = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    return save(tensors, {_TEXT_KEY: text, _DIGEST_KEY: _digest(text, tensors)})


def of_file(content: bytes) -> tuple[str, Arrays]:
    """The text and the tensors of what `as_file` has made."""
    header_end = TENSORS_LENGTH + int.from_bytes(content[:TENSORS_LENGTH], "little")
    return json.loads(content[TENSORS_LENGTH:header_end])["__metadata__"][_TEXT_KEY], load(content)


def write_tensors(path: Path, arrays: Arrays, text: str) -> None:
    """Write the file; what stood there before is replaced in one step.

    Raises:
        TokgenError: it cannot be written there.
    """
    with writing_whole(path) as file:
        file.write(as_file(arrays, text))


def read_text(path: Path) -> str:
    """The text of a file, without its tensors.

    Raises:
        RequestError: there is no such file, or tokgen did not write it.
    """
    with _opened(path) as file:
        return _entry(file, _TEXT_KEY, path)


def read_tensors(path: Path) -> Arrays:
    """The tensors of a file.

    Raises:
        RequestError: as `read_text`, or the file is not what was written.
    """
    with _opened(path) as file:
        for name in file.keys():  # noqa: SIM118
            _check_type(name, file.get_slice(name).get_dtype(), path)
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if _entry(file, _DIGEST_KEY, path) != _digest(_entry(file, _TEXT_KEY, path), arrays):
            raise RequestError(f"{str(path)!r} was damaged: it is not what tokgen wrote.")
        return arrays


def _entry(file: Any, key: str, path: Path) -> str:
    try:
        return str((file.metadata() or {})[key])
    except KeyError:
        raise RequestError(f"{str(path)!r} was not written by tokgen.") from None


def _check_type(name: str, kind: str, path: Path) -> None:
    if kind not in _READABLE:
        raise RequestError(
            f"The tensor {name!r} of {str(path)!r} holds numbers of the type {kind}; tokgen reads "
            f"{', '.join(_READABLE)}."
        )


def _digest(text: str, arrays: Arrays) -> str:
    """A hash of all that the file holds, so that no flipped bit is taken for a weight."""
    digest = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    check_readable(path)
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except OSError as error:
        reason = error.strerror or "there is no such file"
        raise RequestError(f"Cannot read the checkpoint {str(path)!r}: {reason}.") from None
    except TokgenError:
        raise
    except (SafetensorError, ValueError, OverflowError, MemoryError):
        _refuse_text(path)
        raise RequestError(f"{str(path)!r} is not a whole checkpoint: {_fault(path)}.") from None


def _refuse_text(path: Path) -> None:
    with path.open("rb") as file:
        if begins_as_text(file.read(_LOOKED_AT)):
            said = f"{str(path)!r} is a text, not a checkpoint: give it as `corpus`."
            raise RequestError(said, field="corpus") from None


def _fault(path: Path) -> str:
    """What is wrong with a file that safetensors refuses, which says it in its own terms."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header_size = int.from_bytes(file.read(TENSORS_LENGTH), "little")
        if size < TENSORS_LENGTH or header_size > LARGEST_TENSORS_HEADER:
            return "it is no safetensors file"
        header = file.read(header_size)
    if len(header) < header_size:
        return "it is cut off"
    try:
        ends = [int(each["data_offsets"][1]) for each in _tensors(header)]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return "its header is damaged"
    whole = TENSORS_LENGTH + header_size + max(ends, default=0)
    if size < whole:
        return f"it is cut off after {size:,} of {whole:,} bytes"
    return "its header is damaged"


def _tensors(header: bytes) -> list[Any]:
    return [each for name, each in json.loads(header).items() if name != "__metadata__"]
