"""Hints on standard error where a text was typed in another case than the corpus has it."""

from __future__ import annotations

import shlex

from tokgen.cli.terminal import say
from tokgen.exact.conditions import Conditions
from tokgen.text_model.other_case import OtherCase, other_cases, texts_of
from tokgen.text_model.text_model import TextModel


def hint_at_case(text_model: TextModel, prefix: str, conditions: Conditions) -> None:
    """Say what `--prefix` and the conditions ask for in another case than the corpus has it."""
    for found in other_cases(text_model, {"prefix": prefix, **texts_of(conditions)}):
        _say(found, f"--{found.what} ")


def hint_at_case_of(text_model: TextModel, *texts: str) -> None:
    """The same of what documents begin with, given as arguments; of the first one alone."""
    for text in texts:
        for found in other_cases(text_model, {"prefix": text}):
            _say(found, "")
            return


def _say(found: OtherCase, option: str) -> None:
    meant = (
        "" if found.what == "pattern" else f" Did you mean {option}{shlex.quote(found.written)}?"
    )
    say(f"{found.sentence}{meant}")
