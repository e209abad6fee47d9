"""An unfinished training in a file beside the checkpoint that it is to become.

It is written whenever the training has measured its loss, and removed at its end, so that a
training that was killed can go on. Only the training that wrote it may: same recipe, same corpus.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from tokgen import registry
from tokgen.corpus.tokenizer_choice import parse_tokenizer
from tokgen.errors import RequestError
from tokgen.paths import is_there
from tokgen.plugin_api.fit_run import Progress, Snapshot
from tokgen.plugin_api.options import describe, parse_options
from tokgen.training.plan import Plan
from tokgen.training.recipe import Recipe
from tokgen.training.tensor_file import read_tensors, read_text, write_tensors
from tokgen.training.tensor_names import fingerprint
from tokgen.training.trained import Unfinished

FORMAT = 2
UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Resumable:
    """An unfinished training, with the recipe and the corpus that it belongs to."""

    recipe: Recipe
    fingerprint: str
    unfinished: Unfinished
    begun_with: str | None = None

    def check(self, settings: Mapping[str, Any], path: Path) -> None:
        """Raise `RequestError` where `settings` ask for another training than this one."""
        for key, was, asked in self._differences(settings):
            raise RequestError(
                f"The unfinished training of {str(path)!r} has {key} {was}, not {asked}; without "
                "--resume a new one begins."
            )

    def _differences(self, settings: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
        """What is asked for and was not: its name, what it was, what it should be."""
        for key, was in self.recipe:
            if key in settings and key != "options":
                asked = getattr(Recipe.model_validate({key: settings[key]}), key)
                if _meant(key, was) != _meant(key, asked):
                    yield key, was, asked
        name, written = str(self.recipe.model), self.recipe.options
        declared, changed = registry.load_model(name).Options, settings.get("options", {})
        before = parse_options(declared, written, f"Model {name!r}")
        after = parse_options(declared, {**written, **changed}, f"Model {name!r}")
        for key in changed:
            if getattr(before, key) != getattr(after, key):
                yield key, getattr(before, key), changed[key]

    def check_unchanged(self, plan: Plan, path: Path) -> None:
        """Raise `RequestError` where the corpus, or what it began with, is not what it was."""
        if _begun_with(plan) != self.begun_with:
            raise RequestError(
                f"{plan.recipe.from_checkpoint!r} has changed since the training of {str(path)!r} "
                "began with it; without --resume a new one begins."
            )
        if plan.corpus.fingerprint != self.fingerprint:
            raise RequestError(
                f"{plan.corpus.name!r} has changed since the training of {str(path)!r} began; "
                "without --resume a new one begins."
            )


def _meant(key: str, value: Any) -> Any:
    """What a setting stands for, however it is written."""
    if key in ("corpus", "from_checkpoint") and value is not None and is_there(value):
        return os.path.realpath(value)
    if key == "tokenizer" and value is not None:
        name, _, options = parse_tokenizer(value)
        return name, options
    return value


def _begun_with(plan: Plan) -> str | None:
    """What tells the weights that a training began with; None where they were random."""
    return None if plan.beginning is None else fingerprint(plan.beginning.model)


def resume_path(checkpoint: Path) -> Path:
    """Where the unfinished training of a checkpoint is kept."""
    return checkpoint.with_name(checkpoint.name + UNFINISHED)


def stopped_path(checkpoint: Path) -> Path:
    """Where a training that was stopped goes if its place holds one that is finished."""
    return checkpoint.with_name(f"{checkpoint.name}.partial")


def keep_unfinished(checkpoint: Path, plan: Plan, unfinished: Unfinished) -> None:
    """Write it beside the checkpoint; raises as `write_tensors` does."""
    tree = {
        "format": FORMAT,
        "recipe": plan.recipe.model_dump(mode="json"),
        "fingerprint": plan.corpus.fingerprint,
        "begun_with": _begun_with(plan),
        "facts": unfinished.snapshot.facts,
        "history": [asdict(progress) for progress in unfinished.history],
        "metrics": unfinished.metrics,
        "seconds": unfinished.seconds,
        "doubt": unfinished.doubt,
    }
    write_tensors(resume_path(checkpoint), unfinished.snapshot.arrays, json.dumps(tree))


def find_unfinished(checkpoint: Path) -> Resumable | None:
    """What was kept beside the checkpoint, if anything.

    Raises:
        RequestError: it is damaged, or was written by another tokgen.
    """
    written = _written(checkpoint)
    if written is None:
        return None
    unfinished = Unfinished(
        Snapshot(read_tensors(resume_path(checkpoint)), written.facts),
        written.history,
        written.metrics,
        written.seconds,
        written.doubt,
    )
    return Resumable(written.recipe, written.fingerprint, unfinished, written.begun_with)


def peek_unfinished(checkpoint: Path) -> Recipe | None:
    """The recipe of what was kept beside the checkpoint, without its tensors.

    Raises:
        RequestError: as `find_unfinished`.
    """
    written = _written(checkpoint)
    return None if written is None else written.recipe


class _Written(BaseModel):
    """The text of the file: everything but the tensors of the snapshot."""

    model_config = ConfigDict(frozen=True)

    format: int
    recipe: Recipe
    fingerprint: str
    begun_with: str | None = None
    facts: dict[str, Any]
    history: tuple[Progress, ...]
    metrics: dict[str, float | None]
    seconds: float
    doubt: str | None = None


def _written(checkpoint: Path) -> _Written | None:
    path = resume_path(checkpoint)
    if not is_there(path):
        return None
    text = read_text(path)
    try:
        tree = json.loads(text)
        found = tree["format"]
    except (KeyError, TypeError, ValueError):
        raise RequestError(f"{str(path)!r} was not written by tokgen.") from None
    if found != FORMAT:
        raise RequestError(f"{str(path)!r} has format {found}; this tokgen reads format {FORMAT}.")
    try:
        return _Written.model_validate(tree)
    except ValidationError as invalid:
        owner = f"The unfinished training {str(path)!r}"
        raise RequestError(describe(invalid, _Written, owner)) from None
