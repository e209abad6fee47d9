"""Prompts: what a document begins with, as text or as ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.errors import RequestError
from tokgen.generation.growth import Beginning
from tokgen.plugin_api.positions import check_prefixes
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.server.api_errors import over_limit
from tokgen.server.served_model import ServedModel
from tokgen.text_model.beginning import GivenPrefix
from tokgen.text_model.text_model import TextModel


@dataclass(frozen=True)
class Prompt:
    """What a document begins with.

    Attributes:
        given: as text, as ids, and as bytes where their spelling is open.
        mark: the id with which a client marked the beginning: the terminator's or the start's;
            none where it did not.
        ids: the tokens of the prompt, without the mark. Of a text it is the tokenizer's spelling.
    """

    given: GivenPrefix
    mark: tuple[int, ...]
    ids: tuple[int, ...]

    @property
    def text(self) -> str:
        """What it spells."""
        return self.given.text

    @property
    def tokens(self) -> int:
        """How many tokens it has, the mark counted."""
        return len(self.mark) + len(self.ids)


def prompt_of(
    served: ServedModel, model: TextModel, written: str | Sequence[int], *, may_end: bool
) -> Prompt:
    """A prompt as it was written.

    Args:
        model: the served one, told what the request gives.
        may_end: whether the terminator may be the last id, so that a whole document is scored.

    Raises:
        RequestError: it holds an unknown character or id, the document ends in it, or it is longer
            than the model can read.
        ApiError: it has too many tokens.
    """
    if isinstance(written, str):
        _check_length(served, len(written), "characters")
        given = model.given_prefix(written)
        prompt = Prompt(given, (), tuple(model.tokenizer.encode(given.text)))
    else:
        _check_length(served, len(written), "tokens")
        served.check_ids(written)
        prompt = _of_ids(model, tuple(written), may_end=may_end)
    return prompt


def _check_length(served: ServedModel, length: int, unit: str) -> None:
    most = served.limits.prompt_tokens
    if length > most:
        raise over_limit(f"A prompt has {length:,} {unit}; at most {most:,} are read.", "prompt")


def _of_ids(model: TextModel, written: tuple[int, ...], *, may_end: bool) -> Prompt:
    tokenizer, vocabulary = model.tokenizer, model.model.vocabulary
    marks = {tokenizer.terminator_id, *vocabulary.beginning}
    mark, ids = (written[:1], written[1:]) if set(written[:1]) & marks else ((), written)
    ended = ids[:-1] if may_end and ids[-1:] == (tokenizer.terminator_id,) else ids
    if set(ended) & marks:
        raise RequestError(
            f"The id {next(token for token in ended if token in marks)} begins or ends a document: "
            "it may only stand in front of a prompt.",
            field="prompt",
        )
    check_prefixes(model.model, np.array([len(vocabulary.beginning) + len(ended)]))
    beginning = Beginning((*vocabulary.beginning, *ended), given=model.given_ids)
    return Prompt(GivenPrefix(_text(tokenizer, ended), beginning), mark, ids)


def _text(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    """The text that ids spell for certain: the last character of a prompt may still be open."""
    if tokenizer.pieces() is None:
        return tokenizer.decode(ids)
    spelling = tokenizer.detokenizer()
    return "".join(map(spelling.add, ids))
