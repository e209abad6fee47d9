"""The default recipe, by which a model is trained of which there is no checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tokgen.corpus.corpus import Corpus
from tokgen.errors import PluginError, TokgenError
from tokgen.paths import make_folder
from tokgen.plugin_api.fit_run import Progress
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept import cached_path, remove_leftovers_of_kept
from tokgen.training.model_request import ChosenCheckpoint, ModelRequest
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train
from tokgen.training.verdict import worth


def default_recipe(request: ModelRequest, model: str) -> Recipe:
    """How a model is trained of which there is no checkpoint."""
    return Recipe(
        corpus=request.corpus_or_default,
        column=request.column,
        where=dict(request.where),
        model=model,
        options=dict(request.options),
    )


def train_now(
    request: ModelRequest, corpus: Corpus, model: str, report: Callable[[Progress], None]
) -> ChosenCheckpoint:
    """What the default recipe makes of a corpus; kept in the cache where no options are named.

    Raises:
        RequestError: the model cannot be trained on it.
        PluginError: a plugin fails.
    """
    planned = plan(default_recipe(request, model))
    trained = train(planned, report)
    if trained.interrupted:
        raise KeyboardInterrupt
    path = cached_path(corpus, model)
    warning = None if request.options else _cached(trained.checkpoint, path)
    chosen = planned.chosen_tokenizer
    said = f"trained now by the default recipe, tokenizer {chosen.written} {chosen.reason}"
    told = worth(planned, trained)
    more = [each for each in (told, warning) if each]
    said = " ".join([f"{said}.", *more]) if more else said
    return ChosenCheckpoint(trained.checkpoint, said, worth=told)


def _cached(checkpoint: Checkpoint, path: Path) -> str | None:
    """Keep it in the cache, or say in a sentence why that cannot be."""
    try:
        make_folder(path.parent)
        remove_leftovers_of_kept()
        checkpoint.save(path)
    except PluginError:
        raise
    except TokgenError as error:
        return f"It is not kept, so that the next command trains it again. {error}"
    return None
