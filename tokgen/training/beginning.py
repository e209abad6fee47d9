"""Going on from a checkpoint: what a training takes over from it, and what it has to share with it.

Tokenizer, vocabulary, columns and the network's shape are the checkpoint's. The corpus may be
another, as long as the vocabulary spells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tokgen import registry
from tokgen.corpus.columns import values_in_training
from tokgen.corpus.corpus import Corpus
from tokgen.errors import RequestError
from tokgen.plugin_api.options import PluginOptions, parse_options
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.plugin_api.torch.network_options import NetworkOptions
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.metadata import Ancestor
from tokgen.training.recipe import Recipe
from tokgen.training.tensor_names import fingerprint

_OF_THE_CORPUS = ("corpus", "column", "where", "deduplicate")
_MOST_NAMED = 8


def load_beginning(recipe: Recipe) -> Checkpoint | None:
    """The checkpoint whose weights a recipe begins with; None where these are random.

    Raises:
        RequestError: it cannot be read, or its model does not train by steps.
    """
    if recipe.from_checkpoint is None:
        return None
    checkpoint = Checkpoint.load(Path(recipe.from_checkpoint))
    check_goes_on(checkpoint)
    return checkpoint


def check_goes_on(checkpoint: Checkpoint) -> None:
    """Raise `RequestError` where no training can begin with the weights of this checkpoint."""
    if not type(checkpoint.model).goes_on:
        raise RequestError(
            f"The model {checkpoint.metadata.model.name!r} does not train by steps: no training "
            "can go on from its checkpoint."
        )


def completed(recipe: Recipe, checkpoint: Checkpoint) -> Recipe:
    """The recipe, which says nothing of what it leaves to the checkpoint any more.

    Raises:
        RequestError: it asks for another model, tokenizer or shape, or for other columns.
    """
    asked, before = recipe.model_fields_set, checkpoint.metadata.recipe
    fixed = {"model": checkpoint.metadata.model.name, "tokenizer": before.tokenizer}
    for key, value in fixed.items():
        if key in asked and getattr(recipe, key) not in (None, value):
            raise _fixed(key, value, getattr(recipe, key))
    columns = sorted(checkpoint.metadata.columns)
    if "condition_on" in asked and sorted(recipe.condition_on) != columns:
        raise _fixed("condition_on", columns, recipe.condition_on)
    taken = () if "corpus" in asked else _OF_THE_CORPUS
    kept = {key: getattr(before, key) for key in taken if key not in asked}
    options = _options(recipe.options, checkpoint)
    return recipe.model_copy(update={**fixed, **kept, "condition_on": columns, "options": options})


def check_known(corpus: Corpus, checkpoint: Checkpoint) -> None:
    """Raise `RequestError` where the corpus holds symbols or values that the checkpoint lacks."""
    characters = corpus.documents.different_characters()
    missing = [each for each in characters if not _is_spelt(checkpoint.tokenizer, each)]
    if missing:
        raise RequestError(
            f"The checkpoint does not know {_named(missing)} of {corpus.name!r}: a training that "
            "goes on keeps the vocabulary."
        )
    known = checkpoint.metadata.columns
    for column, values in values_in_training(corpus, known).items():
        if unknown := [value for value in values if value not in known[column]]:
            raise RequestError(
                f"The checkpoint does not know {_named(unknown)} in the column {column!r} of "
                f"{corpus.name!r}: a training that goes on keeps the columns' values."
            )


def ancestor(checkpoint: Checkpoint, path: str | None) -> Ancestor:
    """The record of a checkpoint that a training began with."""
    metadata = checkpoint.metadata
    return Ancestor(
        checkpoint=path,
        fingerprint=fingerprint(checkpoint.model),
        corpus=metadata.corpus.name,
        seed=metadata.recipe.seed,
        steps=metadata.metrics.get("steps"),
    )


def _options(asked: Mapping[str, Any], checkpoint: Checkpoint) -> dict[str, Any]:
    """The checkpoint's options with those of the training that are asked for."""
    name, written = checkpoint.metadata.model.name, checkpoint.metadata.model.options
    declared = registry.load_model(name).Options
    changed = parse_options(declared, {**written, **asked}, f"Model {name!r}")
    free = set(_of_training(declared))
    for key in set(asked) - free:
        if getattr(changed, key) != getattr(checkpoint.model.options, key):
            raise _fixed(key, written[key], asked[key])
    return {**written, **asked}


def _of_training(declared: type[PluginOptions]) -> Iterable[str]:
    if not issubclass(declared, NetworkOptions):
        return ()
    return (*NetworkOptions.model_fields, *declared.changeable)


def _fixed(key: str, value: Any, asked: Any) -> RequestError:
    return RequestError(
        f"The checkpoint has {key}={value}, and a training that goes on from it keeps that: "
        f"{asked!r} cannot be."
    )


def _is_spelt(tokenizer: Tokenizer, character: str) -> bool:
    try:
        tokenizer.encode(character)
    except RequestError:
        return False
    return True


def _named(missing: list[str]) -> str:
    shown = ", ".join(map(repr, missing[:_MOST_NAMED]))
    more = len(missing) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
