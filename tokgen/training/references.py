"""References: the losses on the held-out documents that a training is seen beside."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tokgen import registry
from tokgen.corpus.columns import encode_splits
from tokgen.corpus.corpus import Corpus
from tokgen.defaults import BASELINE_MODEL
from tokgen.errors import TokgenError
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.training.evaluation import mean_nll
from tokgen.training.plan import Plan


@dataclass(frozen=True)
class References:
    """What predicts the held-out documents without the model: mean nats per token.

    Attributes:
        uniform: guessing evenly among the tokens that can follow.
        frequency: guessing by the letters' frequency in the training documents; None where no
            document is held out.
        baseline: the n-gram; None where that is the model itself, or where it cannot be fitted.
        tokens: how many tokens can follow.
    """

    uniform: float
    frequency: float | None
    baseline: float | None
    tokens: int


def references(plan: Plan) -> References:
    """The losses beside which a training of this plan is seen; the n-gram is fitted for it."""
    return references_on(plan.corpus, plan.tokenizer, plan.vocabulary, plan.model_name)


def references_on(
    corpus: Corpus, tokenizer: Tokenizer, vocabulary: Vocabulary, model: str
) -> References:
    """The losses beside which a model of this name is seen; the n-gram is fitted for it."""
    uniform, tokens = uniform_loss(vocabulary), tokens_that_follow(vocabulary)
    if not (corpus.rows_of("train").any() and corpus.rows_of("validation").any()):
        return References(uniform, None, None, tokens)
    train = encode_splits(corpus, ["train"], tokenizer, vocabulary)
    held_out = encode_splits(corpus, ["validation"], tokenizer, vocabulary)
    baseline = None if model == BASELINE_MODEL else _baseline_loss(train, held_out)
    return References(uniform, letter_frequency_loss(train, held_out), baseline, tokens)


def guessing(vocabulary: Vocabulary) -> References:
    """What is known without any document: the loss of guessing evenly."""
    return References(uniform_loss(vocabulary), None, None, tokens_that_follow(vocabulary))


def tokens_that_follow(vocabulary: Vocabulary) -> int:
    """How many tokens can follow: all but a start id."""
    return vocabulary.size - len(vocabulary.beginning)


def uniform_loss(vocabulary: Vocabulary) -> float:
    """The loss of guessing evenly among the tokens that can follow, nats."""
    return math.log(tokens_that_follow(vocabulary))


def letter_frequency_loss(train: Dataset, held_out: Dataset) -> float:
    """Mean negative log-likelihood (nats) of guessing by frequency, each count one too high."""
    counts = np.bincount(train.stream, minlength=train.vocabulary.size)
    counts += train.vocabulary.can_follow
    return float(-np.log(counts / counts.sum())[held_out.stream].mean())


def _baseline_loss(train: Dataset, held_out: Dataset) -> float | None:
    try:
        kind = registry.load_model(BASELINE_MODEL)
        train, held_out = train.without_columns(), held_out.without_columns()
        model = kind.fitted(kind.Options(), train.vocabulary, train, held_out, FitRun(), {})
        loss = mean_nll(model, held_out)
    except TokgenError:
        return None
    return loss if math.isfinite(loss) else None
