"""Models that are kept under names which somebody chose; none is taken unless it is named."""

from __future__ import annotations

from pathlib import Path

from tokgen.errors import RequestError
from tokgen.paths import make_folder
from tokgen.reading import files_in
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept import SUFFIX, named_folder
from tokgen.training.kept_models import kept_models


def named_models() -> list[str]:
    """The names, in order; raises as `files_in`."""
    return [path.stem for path in files_in(named_folder()) if path.suffix == SUFFIX]


def keep_as(name: str, checkpoint: Checkpoint, most: int) -> Path:
    """Keep a model under a name of letters, digits and hyphens.

    Raises:
        RequestError: the name is taken, or as many as `most` are kept already.
        TokgenError: it cannot be written.
    """
    taken = {kept.name.casefold() for kept in kept_models()}
    if name.casefold() in taken:
        raise RequestError(f"The name {name!r} is taken by another kept model.", field="name")
    if len(named_models()) >= most:
        raise RequestError(
            f"{most} models are kept under names, and no more can be: tokgen models remove NAME "
            "makes room.",
            field="name",
        )
    path = named_folder() / f"{name}{SUFFIX}"
    make_folder(path.parent)
    checkpoint.save(path)
    return path
