"""The command line that uses what was trained."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from tokgen.cli.resuming import corpus_and_model, plugin_files
from tokgen.training.place import Undertaking


def use_command(undertaking: Undertaking) -> str:
    """What a user types to generate documents with a model that has been trained and written."""
    return shlex.join(["tokgen", "generate", *_flags(undertaking), *plugin_files(undertaking)])


def _flags(undertaking: Undertaking) -> Iterator[str]:
    """The corpus and the model are enough where their last training is the one that is found."""
    corpus = undertaking.plan.corpus
    # What came on standard input or by a pipe is there once.
    can_be_named = corpus.package is not None or Path(corpus.name).is_file()
    if undertaking.is_in_the_users_folder and can_be_named:
        yield from corpus_and_model(undertaking)
    else:
        yield from ("--checkpoint", str(undertaking.path))
