"""The window: which tokens a model reads before the next one, as views show them."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.plugin_api.model import LanguageModel


def window_of(
    model: LanguageModel, symbols: Sequence[str], tokens: Sequence[str]
) -> tuple[str, ...]:
    """The last tokens that can matter; left of the beginning the terminators that are read."""
    width, vocabulary = model.context_length, model.vocabulary
    if width is None:
        return tuple(tokens)
    filled = width if model.pads_with_terminators else 1 - len(vocabulary.beginning)
    whole = (*(symbols[vocabulary.terminator_id],) * filled, *tokens)
    return whole[max(len(whole) - width, 0) :]
