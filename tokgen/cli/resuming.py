"""The command line that goes on with an unfinished training."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tokgen import registry
from tokgen.corpus.tokenizer_choice import parse_tokenizer
from tokgen.training.place import Undertaking


def resume_command(
    undertaking: Undertaking, shown: Mapping[str, object] = MappingProxyType({})
) -> str:
    """What a user types to go on with an unfinished training.

    Args:
        undertaking: the training.
        shown: flags that say how its end is shown, each with its value; a flag that has none
            stands for itself alone with True, and with None not at all.
    """
    flags = [*_flags(undertaking), *_written(shown)]
    return shlex.join(["tokgen", "train", "--resume", *flags])


def _written(shown: Mapping[str, object]) -> Iterator[str]:
    for flag, value in shown.items():
        if value is not None:
            yield from (flag,) if value is True else (flag, str(value))


def _flags(undertaking: Undertaking) -> Iterator[str]:
    if undertaking.is_in_the_users_folder:
        yield from corpus_and_model(undertaking)
        recipe = undertaking.plan.recipe
        if recipe.deduplicate:
            yield "--deduplicate"
        if recipe.from_checkpoint is not None:
            yield from ("--from", recipe.from_checkpoint)
    else:
        yield from ("--output", str(undertaking.path))
    yield from plugin_files(undertaking)


def corpus_and_model(undertaking: Undertaking) -> Iterator[str]:
    """The flags that name what is trained, and on what."""
    recipe = undertaking.plan.recipe
    yield from ("--corpus", recipe.corpus, "--model", undertaking.plan.model_name)
    yield from (f"--where={column}={value}" for column, value in recipe.where.items())


def plugin_files(undertaking: Undertaking) -> Iterator[str]:
    """The flags that name the files of its plugins that are not installed."""
    model = undertaking.plan.model_name
    tokenizer, *_ = parse_tokenizer(undertaking.plan.chosen_tokenizer.written)
    plugins = (registry.find("models", model), registry.find("tokenizers", tokenizer))
    for file in dict.fromkeys(plugin.file for plugin in plugins if plugin.file):
        yield from ("--plugin", file)
