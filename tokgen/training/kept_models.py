"""What trainings have kept: each model by a name, what it is, and how to be rid of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from tokgen.errors import RequestError, did_you_mean
from tokgen.paths import cannot_remove, is_same_file
from tokgen.reading import files_in
from tokgen.training.kept import (
    SUFFIX,
    cache_folder,
    named_folder,
    remove_leftovers_of_kept,
    trained_folder,
)
from tokgen.training.metadata import read_metadata
from tokgen.training.recipe import Recipe
from tokgen.training.resume import UNFINISHED, peek_unfinished, resume_path, stopped_path

State = Literal["finished", "stopped", "unfinished", "damaged"]
DIGITS = 12


@dataclass(frozen=True)
class KeptModel:
    """A model that a training has kept.

    Attributes:
        name: what `tokgen models show` and `remove` call it.
        state: "unfinished" where there is no checkpoint yet, only what a training goes on from.
        date: when it was written.
        used: whether it is taken where its corpus and model are named, and nothing else.
        resumable: whether `--resume` can go on with it.
        recipe: what was trained, on what; None where it is damaged.
        metrics: as in the checkpoint's metadata.
        problem: why it cannot be read.
    """

    name: str
    model: str
    path: Path
    state: State
    date: datetime
    used: bool = False
    resumable: bool = False
    recipe: Recipe | None = None
    metrics: dict[str, float | None] | None = None
    problem: str | None = None

    @property
    def loss(self) -> tuple[str, float | None] | None:
        """The split that its loss was measured on, and the loss in nats per token."""
        for split in ("validation", "train"):
            if self.metrics and f"{split}_loss" in self.metrics:
                return split, self.metrics[f"{split}_loss"]
        return None

    def as_json(self) -> dict[str, Any]:
        """What is told of it."""
        recipe, loss = self.recipe, self.loss
        return {
            "name": self.name,
            "state": self.state,
            "model": self.model,
            "corpus": recipe and recipe.corpus,
            "where": recipe and recipe.where,
            "tokenizer": recipe and recipe.tokenizer,
            "options": recipe and recipe.options,
            "seed": recipe and recipe.seed,
            "date": self.date.isoformat(timespec="seconds"),
            "loss": loss and loss[1],
            "loss_split": loss and loss[0],
            "used": self.used,
            "resumable": self.resumable,
            "problem": self.problem,
            "path": str(self.path),
        }


def kept_models() -> list[KeptModel]:
    """All that is kept, the last first.

    Raises:
        RequestError: a folder may not be read.
    """
    found = sorted(_found(), key=lambda kept: kept.date, reverse=True)
    seen: set[tuple[str, str]] = set()
    models = []
    for kept in found:
        place = (_corpus_folder(kept.path).name, kept.model)
        is_trained = kept.path.is_relative_to(trained_folder()) and kept.state != "unfinished"
        models.append(replace(kept, used=is_trained and place not in seen))
        seen |= {place} if is_trained else set()
    return models


def find_kept(names: Sequence[str]) -> list[KeptModel]:
    """The kept models of these names; the beginning of a name is enough where it is one's alone.

    Raises:
        RequestError: there is none of that name, or there are several.
    """
    models = kept_models()
    return [_named(name, models) for name in names]


def kept_of(corpus: str) -> list[KeptModel]:
    """The kept models of a corpus, by its name or by the path of its file.

    Raises:
        RequestError: there is none.
    """
    models = kept_models()
    found = [kept for kept in models if kept.recipe and _is_corpus(kept.recipe.corpus, corpus)]
    if not found:
        corpora = {kept.recipe.corpus for kept in models if kept.recipe}
        raise RequestError(f"No model of {corpus!r} is kept.{did_you_mean(corpus, corpora)}")
    return found


def remove(kept: KeptModel) -> None:
    """Remove a kept model, with what a training could have gone on from.

    The checkpoint goes last: whoever is killed before finds it whole.

    Raises:
        RequestError: you have no permission.
        TokgenError: the disk fails.
    """
    try:
        for path in (resume_path(kept.path), stopped_path(kept.path), kept.path):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_remove(kept.path, error) from None
    remove_leftovers_of_kept()
    with suppress(OSError):  # A folder that still holds something stays.
        kept.path.parent.rmdir()
        if kept.path.parent != named_folder():
            _corpus_folder(kept.path).rmdir()


def _found() -> Iterator[KeptModel]:
    for path in files_in(named_folder()):
        yield from _named_at(path)
    for corpus in files_in(trained_folder()):
        for entry in files_in(corpus):
            for path in (entry, *files_in(entry)):
                yield from _kept_at(path, "")
    for corpus in files_in(cache_folder()):
        for path in files_in(corpus):
            yield from _kept_at(path, "default-")


def _kept_at(path: Path, mark: str) -> Iterator[KeptModel]:
    """What a file of the folders is: a checkpoint, an unfinished training alone, or nothing."""
    checkpoint = path.with_name(path.name.removesuffix(UNFINISHED))
    if checkpoint.suffix != SUFFIX or (path != checkpoint and checkpoint.exists()):
        return
    by_model = _corpus_folder(checkpoint) != checkpoint.parent
    model = unquote(checkpoint.parent.name if by_model else checkpoint.stem)
    key = checkpoint.stem if by_model else checkpoint.parent.name[:DIGITS]
    with suppress(FileNotFoundError):  # It may be removed meanwhile.
        date = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        kept = KeptModel(f"{model}-{mark}{key}", model, checkpoint, "damaged", date)
        yield _read(kept, is_finished=path == checkpoint)


def _named_at(path: Path) -> Iterator[KeptModel]:
    """What was kept under a name."""
    if path.suffix == SUFFIX:
        with suppress(FileNotFoundError):  # It may be removed meanwhile.
            date = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            kept = KeptModel(path.stem, path.stem, path, "damaged", date)
            yield _read(kept, is_finished=True)


def _read(kept: KeptModel, *, is_finished: bool) -> KeptModel:
    try:
        unfinished = peek_unfinished(kept.path)
        if not is_finished and unfinished is not None:
            return replace(kept, state="unfinished", resumable=True, recipe=unfinished)
        metadata = read_metadata(kept.path)
    except RequestError as error:
        return replace(kept, problem=str(error))
    return replace(
        kept,
        model=metadata.model.name,
        state="stopped" if metadata.stopped else "finished",
        resumable=unfinished == metadata.recipe,
        recipe=metadata.recipe,
        metrics=metadata.metrics,
    )


def _corpus_folder(path: Path) -> Path:
    """The folder of a corpus in which it is; that of the named models is one for all."""
    roots = (trained_folder(), cache_folder(), named_folder().parent)
    return next(each for each in path.parents if each.parent in roots)


def _named(name: str, models: list[KeptModel]) -> KeptModel:
    found = [kept for kept in models if kept.name == name]
    found = found or [kept for kept in models if name and kept.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    names = [kept.name for kept in found or models]
    if found:
        raise RequestError(f"{name!r} is the beginning of {len(found)} models: {', '.join(names)}.")
    known = names + [kept.model for kept in models]
    raise RequestError(f"No model {name!r} is kept.{did_you_mean(name, set(known))}")


def _is_corpus(recorded: str, asked: str) -> bool:
    return recorded in (asked, os.path.abspath(asked)) or is_same_file(Path(recorded), Path(asked))
