"""The cross-entropy of a document by hand: each window, its target, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tokgen.corpus.text_file import as_document
from tokgen.errors import RequestError
from tokgen.plugin_api.model import LanguageModel
from tokgen.text_model.opened_model import OpenedModel
from tokgen.text_model.results import Score
from tokgen.text_model.window import window_of
from tokgen.training.references import uniform_loss

# What stands before each token of so many is some millions of symbols, where all of it matters.
MOST_BY_HAND = 4096


@dataclass(frozen=True)
class CrossEntropy:
    """The loss of a document worked out: one prediction for each of its N tokens.

    Attributes:
        score: the N targets, the terminator last, with their log-probabilities (nats).
        contexts: the symbols that the model sees before each target, as in `NextToken.window`.
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

    def __str__(self) -> str:
        """What `print` shows."""
        from tokgen.text_model.printed_results import printed_cross_entropy

        return printed_cross_entropy(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.worked_html import html_of_cross_entropy

        return html_of_cross_entropy(self)


def cross_entropies(text_model: OpenedModel, texts: Iterable[str]) -> Iterator[CrossEntropy]:
    """What each of these documents costs.

    Raises:
        RequestError: a text holds an unknown character, or has too many tokens to be worked out.
    """
    checked = list(texts)
    for text in checked:
        _check_count(len(text_model.tokenizer.encode(as_document(text))) + 1)
    return (cross_entropy(text_model, score) for score in text_model.score_all(checked))


def cross_entropy(text_model: OpenedModel, score: Score) -> CrossEntropy:
    """What a document costs, by its score under this model; raises as `cross_entropies`."""
    _check_count(len(score.tokens))
    symbols = text_model.tokenizer.symbols
    windows = tuple(_windows(text_model.model, symbols, score.tokens))
    return CrossEntropy(score, windows, tuple(symbols), uniform_loss(text_model.model.vocabulary))


def _check_count(tokens: int) -> None:
    if tokens > MOST_BY_HAND:
        raise RequestError(
            f"The text has {tokens:,} tokens; the loss of {MOST_BY_HAND:,} at most is worked out "
            "token by token. `score` takes longer texts."
        )


def _windows(
    model: LanguageModel, symbols: Sequence[str], tokens: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """What the model sees before each of a document's tokens."""
    begun = [symbols[token] for token in model.vocabulary.beginning]
    read, width = (*begun, *tokens), model.context_length
    for end in range(len(begun), len(read)):
        begin = 0 if width is None else max(end - width, 0)
        yield window_of(model, symbols, read[begin:end])
