"""An unfinished training in a file beside the checkpoint that it is to become.

It is written whenever the training has measured its loss, and removed at its end, so that a
training that was killed can go on. Only the training that wrote it may: same recipe, same corpus.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tokgen.errors import RequestError
from tokgen.paths import is_there
from tokgen.plugin_api.fit_run import Progress, Snapshot
from tokgen.training.plan import Plan
from tokgen.training.recipe import Recipe
from tokgen.training.tensor_file import read_tensors, read_text, write_tensors
from tokgen.training.train import Unfinished

FORMAT = 1


@dataclass(frozen=True)
class Resumable:
    """An unfinished training, with the recipe and the corpus that it belongs to."""

    recipe: Recipe
    fingerprint: str
    unfinished: Unfinished

    def check(self, settings: Mapping[str, Any], path: Path) -> None:
        """Raise `RequestError` where `settings` ask for another training than this one."""
        written = self.recipe.model_dump(mode="json")
        asked = {**settings, **settings.get("options", {})}
        was = {**written, **written["options"]}
        for key, value in asked.items():
            if key != "options" and str(was.get(key)) != str(value):
                raise RequestError(
                    f"The unfinished training of {str(path)!r} has {key} {was.get(key)}, not "
                    f"{value}; without --resume a new one begins."
                )

    def check_corpus(self, plan: Plan, path: Path) -> None:
        """Raise `RequestError` where the corpus is not what it was."""
        if plan.corpus.fingerprint != self.fingerprint:
            raise RequestError(
                f"{plan.corpus.name!r} has changed since the training of {str(path)!r} began; "
                "without --resume a new one begins."
            )


def resume_path(checkpoint: Path) -> Path:
    """Where the unfinished training of a checkpoint is kept."""
    return checkpoint.with_name(checkpoint.name + ".unfinished")


def keep_unfinished(checkpoint: Path, plan: Plan, unfinished: Unfinished) -> None:
    """Write it beside the checkpoint; raises as `write_tensors` does."""
    tree = {
        "format": FORMAT,
        "recipe": plan.recipe.model_dump(mode="json"),
        "fingerprint": plan.corpus.fingerprint,
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
    path = resume_path(checkpoint)
    if not is_there(path):
        return None
    tree = json.loads(read_text(path))
    if tree.get("format") != FORMAT:
        raise RequestError(
            f"{str(path)!r} has format {tree.get('format')}; this tokgen reads format {FORMAT}."
        )
    unfinished = Unfinished(
        Snapshot(read_tensors(path), tree["facts"]),
        tuple(Progress(**said) for said in tree["history"]),
        tree["metrics"],
        tree["seconds"],
        tree.get("doubt"),
    )
    return Resumable(Recipe.model_validate(tree["recipe"]), tree["fingerprint"], unfinished)


def end_unfinished(checkpoint: Path) -> None:
    """Remove what was kept, since the checkpoint is written."""
    resume_path(checkpoint).unlink(missing_ok=True)
