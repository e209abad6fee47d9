"""The place of a checkpoint: what may be put there, and the unfinished training beside it.

A checkpoint gives way to one of the same corpus alone, and one that is finished to none that was
stopped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokgen.corpus.corpus import Corpus
from tokgen.errors import RequestError
from tokgen.files import check_writable
from tokgen.inputs import reads
from tokgen.paths import is_there, make_folder
from tokgen.training.kept import SUFFIX, kept_path, remove_leftovers_of_kept, trained_paths
from tokgen.training.metadata import Metadata, read_metadata
from tokgen.training.parts import part_files
from tokgen.training.plan import Plan, plan
from tokgen.training.recipe import Recipe
from tokgen.training.resume import (
    UNFINISHED,
    Resumable,
    find_unfinished,
    keep_unfinished,
    peek_unfinished,
    resume_path,
    stopped_path,
)
from tokgen.training.trained import Unfinished


@dataclass(frozen=True)
class Undertaking:
    """A training that may begin: its plan, its place, and what it goes on from, if anything."""

    plan: Plan
    path: Path
    resumed: Resumable | None = None

    @property
    def keeps_unfinished(self) -> bool:
        """Whether it can go on after it was killed: a device or a pipe has nothing beside it."""
        return self.path.is_file() or not is_there(self.path)

    @property
    def has_unfinished(self) -> bool:
        """Whether an unfinished training is kept beside the checkpoint."""
        return self.keeps_unfinished and resume_path(self.path).exists()

    @property
    def is_kept(self) -> bool:
        """Whether it is this training that is kept there, unfinished."""
        return self.has_unfinished and peek_unfinished(self.path) == self.plan.recipe

    @property
    def is_in_the_users_folder(self) -> bool:
        """Whether its place is the one that it has without an `--output`."""
        return self.path == kept_path(self.plan)

    def keep(self, unfinished: Unfinished) -> None:
        """Keep beside the checkpoint what it takes to go on; raises as `keep_unfinished`."""
        if self.keeps_unfinished:
            keep_unfinished(self.path, self.plan, unfinished)

    def check_place(self) -> None:
        """Refuse before the work what could not be written after it; raises as `check_writable`."""
        reads(*part_files(self.plan.options))
        if self.is_in_the_users_folder:
            make_folder(self.path.parent)
            remove_leftovers_of_kept()
        check_writable(self.path)
        if self.keeps_unfinished:
            check_writable(resume_path(self.path))

    def place_of_result(self, *, stopped: bool) -> Path:
        """Where the checkpoint goes: beside a finished one if the training was stopped."""
        there = _metadata(self.path)
        if stopped and there is not None and not there.stopped:
            return stopped_path(self.path)
        return self.path

    def end(self) -> None:
        """Remove what was kept of the unfinished training, since the checkpoint is written."""
        resume_path(self.path).unlink(missing_ok=True)
        beside = _metadata(stopped_path(self.path))
        if beside is not None and beside.stopped:
            stopped_path(self.path).unlink(missing_ok=True)


def begun_anew(planned: Plan, output: Path | None) -> Undertaking:
    """A training from its first step, into `output` or the user's folder of trainings."""
    return Undertaking(planned, output or kept_path(planned))


def taken_up(settings: Mapping[str, Any], output: Path | None) -> Undertaking:
    """The unfinished training that the settings mean.

    Raises:
        RequestError: none is kept, it has other settings, or its corpus has changed.
    """
    path = output or _unfinished_path(settings)
    found = find_unfinished(path)
    if found is None:
        finished = " It holds a finished training." if _metadata(path) else ""
        raise RequestError(
            f"Nothing is left to resume: no unfinished training of {str(path)!r} is kept.{finished}"
        )
    found.check(settings, path)
    planned = plan(found.recipe)
    found.check_unchanged(planned, path)
    return Undertaking(planned, path, found)


def _unfinished_path(settings: Mapping[str, Any]) -> Path:
    """The checkpoint in the user's folder whose training was begun last and fits the settings."""
    planned = plan(Recipe.model_validate(settings))
    model, corpus = planned.model_name, planned.corpus
    beside = trained_paths(corpus, model, SUFFIX + UNFINISHED)
    paths = [path.with_name(path.name.removesuffix(UNFINISHED)) for path in beside]
    for path in paths:
        found = find_unfinished(path)
        with suppress(RequestError):
            if found is not None:
                found.check(settings, path)
                return path
    if not paths:
        raise RequestError(
            f"Nothing is left to resume: no unfinished training of the model {model!r} on "
            f"{corpus.name!r} is kept."
        )
    return paths[0]


def check_same_corpus(path: Path, corpus: Corpus) -> None:
    """Refuse to put a model of this corpus in the place of one of another, finished or not.

    A file whose lines have changed since is the same corpus; what has no path is another each time.

    Raises:
        RequestError: another corpus' model is there.
    """
    mine = _written(corpus.lasting_name, corpus.where)
    for theirs, fingerprint in _corpora_at(path):
        if fingerprint == corpus.fingerprint:
            continue
        if theirs != mine:
            raise RequestError(
                f"{str(path)!r} holds a model of the corpus {theirs!r}, not of {mine!r}.",
                field="force",
            )
        if corpus.package is None and not os.path.isabs(corpus.lasting_name):
            raise RequestError(
                f"{str(path)!r} holds a model of other documents that were named {theirs!r} too.",
                field="force",
            )


def _corpora_at(path: Path) -> Iterator[tuple[str, str]]:
    """The corpora of the checkpoint and of the unfinished training there; their fingerprints."""
    there = _metadata(path)
    if there is not None:
        yield _written(there.corpus.name, there.corpus.where), there.corpus.fingerprint
    with suppress(RequestError):  # What is damaged is no work that could be lost.
        found = find_unfinished(path)
        if found is not None:
            yield _written(found.recipe.corpus, found.recipe.where), found.fingerprint


def _written(name: str, where: Mapping[str, str]) -> str:
    return " ".join([name, *(f"{column}={value}" for column, value in where.items())])


def _metadata(path: Path) -> Metadata | None:
    """What the checkpoint at a path says of itself; None where no checkpoint is there."""
    try:
        return read_metadata(path)
    except RequestError:
        return None
