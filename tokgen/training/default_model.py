"""Choosing the model of a corpus where none is named."""

from __future__ import annotations

from dataclasses import dataclass

from tokgen.corpus.corpus import Corpus
from tokgen.defaults import MANY_DOCUMENTS, MODEL_OF_FEW, MODEL_OF_MANY


@dataclass(frozen=True)
class ChosenModel:
    """A model by its name, and in words why it is this one; None where that was asked for."""

    name: str
    reason: str | None = None


def choose_model(asked: str | None, corpus: Corpus) -> ChosenModel:
    """The model asked for, else the card's; a file has no card, so that its size decides."""
    if asked is not None:
        return ChosenModel(asked)
    if corpus.card:
        return ChosenModel(corpus.card.model)
    if len(corpus.documents) < MANY_DOCUMENTS:
        reason = f"the default for a file of fewer than {MANY_DOCUMENTS:,} documents"
        return ChosenModel(MODEL_OF_FEW, reason)
    reason = f"the default for a file of {MANY_DOCUMENTS:,} documents or more"
    return ChosenModel(MODEL_OF_MANY, reason)
