"""Infilling: the model conditioned on prompt, anything of at most so many tokens, and suffix.

The three do not overlap. It is the condition that the document matches a pattern, so that what
stands between is drawn from the model's own distribution given both sides.
"""

from __future__ import annotations

import re

from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.exact.spelling import spell_in_one_way
from tokgen.server.prompts import Prompt
from tokgen.text_model.text_model import TextModel
from tokgen.unicode import nfc


def around(model: TextModel, prompt: Prompt, suffix: str, most: int) -> Conditions:
    """The conditions on whole documents, with at most so many tokens between the two.

    Raises:
        RequestError: a token is not always one character, so that tokens cannot be counted.
    """
    vocabulary, pieces = model.tokenizer.vocabulary, model.tokenizer.pieces() or ()
    silent = {token for token, piece in enumerate(pieces) if not piece}
    ends = {vocabulary.terminator_id, vocabulary.start_id}
    if not pieces or not silent <= ends or not spell_in_one_way(pieces):
        raise RequestError(
            "suffix needs a model whose tokens are single characters; conditions.suffix asks any "
            "model for an end of the document.",
            field="suffix",
        )
    behind = nfc(suffix)
    fewest = len(prompt.text) + len(behind)
    return Conditions((fewest, fewest + most), f"{_literal(prompt.text)}*{_literal(behind)}")


def _literal(text: str) -> str:
    """The pattern that matches this text alone."""
    return re.sub("(.)", r"\\\1", text, flags=re.DOTALL)
