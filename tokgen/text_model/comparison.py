"""Comparing models of one corpus: how well each predicts documents, and what it makes itself."""

from __future__ import annotations

import itertools
import math
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats
from tokgen.corpus.columns import encode_splits
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.splits import SplitName
from tokgen.generation.scoring import token_logprobs
from tokgen.text_model.text_model import TextModel
from tokgen.training.evaluation import evaluation_of
from tokgen.training.tensor_names import all_arrays

DRAWN = 2000
SEED = 1
RESAMPLED = 1000
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Measured:
    """One model beside others.

    Attributes:
        model: under which name it is compared.
        nll: mean negative log-likelihood of a token of the held-out documents, nats.
        nll_low, nll_high: the 95 % interval of `nll`, by resampling documents (`bootstrap`).
        bits_per_char: as in `Evaluation`.
        parameters: how many numbers it has learnt.
        seconds: of its training; None where they were not recorded.
        documents_per_second: how fast `DRAWN` documents were drawn.
        in_corpus: the share of the drawn documents that are in a row of the corpus.
        different: the share of different texts among them.
        length_distance: Jensen-Shannon distance (0 to 1) of their lengths in characters to those of
            the held-out documents.
        bigram_distance: the same of pairs of neighbouring characters, the ends counted.
    """

    model: str
    nll: float
    nll_low: float
    nll_high: float
    perplexity: float
    bits_per_char: float
    parameters: int
    seconds: float | None
    documents_per_second: float
    in_corpus: float
    different: float
    length_distance: float
    bigram_distance: float


def measured(
    name: str,
    text_model: TextModel,
    corpus: Corpus,
    split: SplitName,
    clock: Callable[[], float] = time.perf_counter,
) -> Measured:
    """Measure a model on a split of a corpus, and on documents that it makes with a fixed seed.

    Raises:
        RequestError: a document is longer than the model can read.
        PluginError: the model fails.
    """
    model, held_out = text_model.model, corpus.split(split)
    dataset = encode_splits(corpus, [split], text_model.tokenizer, model.vocabulary)
    totals = np.add.reduceat(token_logprobs(model, dataset), dataset.starts[: len(dataset.lengths)])
    evaluation = evaluation_of(-float(totals.sum()), dataset, held_out.characters())
    low, high = bootstrap(-totals, dataset.lengths.astype(np.float64))
    begun = clock()
    drawn = [each.text for each in text_model.generate(DRAWN, seed=SEED)]
    took = clock() - begun
    known = frozenset(corpus.documents)
    return Measured(
        model=name,
        nll=evaluation.nll,
        nll_low=low,
        nll_high=high,
        perplexity=evaluation.perplexity,
        bits_per_char=evaluation.bits_per_char,
        parameters=sum(array.size for array in all_arrays(model).values()),
        seconds=text_model.metadata.metrics.get("seconds"),
        documents_per_second=DRAWN / took,
        in_corpus=sum(text in known for text in drawn) / DRAWN,
        different=len(set(drawn)) / DRAWN,
        length_distance=distance(map(len, drawn), map(len, held_out)),
        bigram_distance=distance(bigrams(drawn), bigrams(held_out)),
    )


def bootstrap(totals: Floats, tokens: Floats) -> tuple[float, float]:
    """The 95 % interval of a mean per token, by the percentile bootstrap (Efron 1979).

    Whole documents (D,) are drawn again with replacement, since the tokens of one belong together.
    Where a document has the probability 0 both ends are infinite.
    """
    if not np.isfinite(totals).all():
        return math.inf, math.inf
    random = np.random.default_rng(SEED)
    often = random.multinomial(len(totals), np.full(len(totals), 1 / len(totals)), RESAMPLED)
    low, high = np.percentile(often @ totals / (often @ tokens), INTERVAL)
    return float(low), float(high)


def distance(ours: Iterable[Hashable], theirs: Iterable[Hashable]) -> float:
    """Jensen-Shannon distance of what is counted: 0 if the shares agree, 1 if nothing is in both.

    The root of the divergence in bits (Lin 1991; a metric: Endres & Schindelin 2003).
    """
    counts = Counter(ours), Counter(theirs)
    sizes = [each.total() for each in counts]
    divergence = 0.0
    for thing in counts[0] | counts[1]:
        shares = [each[thing] / size for each, size in zip(counts, sizes, strict=True)]
        middle = sum(shares) / 2
        divergence += sum(p * math.log2(p / middle) for p in shares if p) / 2
    return math.sqrt(max(divergence, 0.0))


def bigrams(texts: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Neighbouring characters, with an empty one before the first and behind the last."""
    for text in texts:
        yield from itertools.pairwise(["", *text, ""])
