"""Evaluation: negative log-likelihood and what follows from it.

Losses are means per token, in nats, with each document's terminator counted as a token.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tokgen.generation.scoring import total_logprob
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.model import LanguageModel


@dataclass(frozen=True)
class Evaluation:
    """How well a model predicts documents that it did not see.

    Attributes:
        tokens: how many predictions were made, terminators included.
        nll: mean negative log-likelihood of a token, nats.
        bits_per_char: all bits, terminators' included, divided by the characters of the text.
    """

    tokens: int
    nll: float
    bits_per_token: float
    perplexity: float
    bits_per_char: float
    documents: int


def mean_nll(model: LanguageModel, dataset: Dataset) -> float:
    """Mean negative log-likelihood of a token, nats.

    Raises:
        RequestError: a document is longer than the model can read.
    """
    return -total_logprob(model, dataset) / len(dataset)


def evaluate(model: LanguageModel, dataset: Dataset, characters: int) -> Evaluation:
    """Measure a model on documents whose texts have so many characters; raises as `mean_nll`."""
    return evaluation_of(-total_logprob(model, dataset), dataset, characters)


def evaluation_of(total: float, dataset: Dataset, characters: int) -> Evaluation:
    """What follows from the negative log-likelihood (nats) of all tokens together."""
    nll = total / len(dataset)
    return Evaluation(
        tokens=len(dataset),
        nll=nll,
        bits_per_token=nll / math.log(2),
        perplexity=math.exp(nll) if nll < 700 else math.inf,
        bits_per_char=nll * len(dataset) / math.log(2) / max(characters, 1),
        documents=len(dataset.documents),
    )
