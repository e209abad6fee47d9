"""The cross-entropy of a document by hand: each window, its target, and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tokgen.text_model.opened_model import OpenedModel
from tokgen.text_model.results import Score
from tokgen.text_model.window import window_of
from tokgen.training.references import uniform_loss


@dataclass(frozen=True)
class CrossEntropy:
    """A document as a model is trained on it, one prediction for each of its N tokens.

    Attributes:
        score: the N targets, the terminator last, with their log-probabilities (nats).
        contexts: the symbols that the model sees before each target, as `NextToken.window`.
        symbols: the symbol of each token of the vocabulary (V).
        uniform: the loss of guessing evenly among the tokens that can follow, nats.
    """

    score: Score
    contexts: tuple[tuple[str, ...], ...]
    symbols: tuple[str, ...]
    uniform: float

    @property
    def losses(self) -> tuple[float, ...]:
        """−ln p of each target, nats."""
        return tuple(abs(logprob) for logprob in self.score.logprobs)

    @property
    def total(self) -> float:
        """The sum of the losses, nats."""
        return math.fsum(self.losses)

    @property
    def mean(self) -> float:
        """The cross-entropy of the document, nats per token."""
        return self.total / len(self.losses)


def cross_entropy(text_model: OpenedModel, score: Score) -> CrossEntropy:
    """What a document costs, by its score under this model."""
    symbols = text_model.tokenizer.symbols
    vocabulary = text_model.model.vocabulary
    before = [symbols[token] for token in vocabulary.beginning]
    tokens = score.tokens
    seen = [(*before, *tokens[:number]) for number in range(len(tokens))]
    windows = tuple(window_of(text_model.model, symbols, each) for each in seen)
    return CrossEntropy(score, windows, tuple(symbols), uniform_loss(vocabulary))
