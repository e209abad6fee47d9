"""The command line that goes on with an unfinished training."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from tokgen import registry
from tokgen.corpus.tokenizer_choice import parse_tokenizer
from tokgen.training.place import Undertaking


def resume_command(undertaking: Undertaking) -> str:
    """What a user types to go on with an unfinished training."""
    return shlex.join(["tokgen", "train", "--resume", *_flags(undertaking)])


def _flags(undertaking: Undertaking) -> Iterator[str]:
    recipe, model = undertaking.plan.recipe, undertaking.plan.model_name
    if undertaking.is_in_the_users_folder:
        yield from ("--corpus", recipe.corpus, "--model", model)
        yield from (f"--where={column}={value}" for column, value in recipe.where.items())
        if recipe.deduplicate:
            yield "--deduplicate"
    else:
        yield from ("--output", str(undertaking.path))
    tokenizer, *_ = parse_tokenizer(undertaking.plan.chosen_tokenizer.written)
    plugins = (registry.find("models", model), registry.find("tokenizers", tokenizer))
    for file in dict.fromkeys(plugin.file for plugin in plugins if plugin.file):
        yield from ("--plugin", file)
