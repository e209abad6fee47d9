"""TextModel: tokenizer + model; text in, text out. It is what `tokgen.load` returns."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tokgen.chain_syntax import parse_chain
from tokgen.checkpoint import Checkpoint
from tokgen.corpus import Corpus, open_corpus
from tokgen.dataset import Dataset
from tokgen.errors import RequestError
from tokgen.evaluation import token_logprobs
from tokgen.generation import generate
from tokgen.model import Floats, Prefixes
from tokgen.sampler import SamplerChain, Situation
from tokgen.tokenizer import EncodedDocuments

CANDIDATES_AT_ONCE = 4096
TRIES_A_DOCUMENT = 1000


@dataclass(frozen=True)
class Generated:
    """One generated document.

    Attributes:
        logprob: natural logarithm, the model's own, terminator included, given the prefix.
        logprob_drawn: the same under the sampler chain that it was drawn with.
        finished: False where it was cut at the length limit.
    """

    text: str
    logprob: float
    logprob_drawn: float
    finished: bool


@dataclass(frozen=True, eq=False)
class NextToken:
    """The distribution after a prefix.

    Attributes:
        tokens: the prefix's symbols, of which the model sees the last `seen`.
        context: the window as the model sees it, the terminator's symbol left of the beginning.
        logprobs: the model's own, nats (V,).
        labels: one for each sampler of the chain.
        stages: the distribution (V,) after each sampler.
    """

    prefix: str
    tokens: tuple[str, ...]
    seen: int
    context: str
    symbols: tuple[str, ...]
    logprobs: Floats
    labels: tuple[str, ...] = ()
    stages: tuple[Floats, ...] = ()

    @property
    def drawn_from(self) -> Floats:
        """The distribution (V,) after the whole chain."""
        return self.stages[-1] if self.stages else self.logprobs

    @property
    def entropy(self) -> float:
        """Entropy of `drawn_from`, nats."""
        possible = self.drawn_from[self.drawn_from > -np.inf]
        return abs(float((np.exp(possible) * possible).sum()))

    def without_chain(self) -> NextToken:
        """The same, as the model says it."""
        return replace(self, labels=(), stages=())


@dataclass(frozen=True)
class Score:
    """A document's tokens, the terminator last, each with its log-probability (nats)."""

    text: str
    tokens: tuple[str, ...]
    logprobs: tuple[float, ...]

    @property
    def logprob(self) -> float:
        """Log-probability of the whole document."""
        return sum(self.logprobs)


class TextModel:
    """A fitted model that speaks text."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.model = checkpoint.model
        self.tokenizer = checkpoint.tokenizer
        self.metadata = checkpoint.metadata

    @cached_property
    def corpus(self) -> Corpus:
        """The corpus that the model was trained on.

        Raises:
            RequestError: it is not here any more, or its data have changed since.
        """
        trained_on = self.metadata.corpus
        corpus = open_corpus(trained_on.name, trained_on.where)
        if corpus.fingerprint != trained_on.fingerprint:
            raise RequestError(f"The corpus {trained_on.name!r} has changed since the training.")
        return corpus

    @cached_property
    def known(self) -> frozenset[str]:
        """All documents of the corpus, in whatever split."""
        return frozenset(self.corpus.documents)

    def generate(
        self,
        count: int = 10,
        *,
        prefix: str = "",
        seed: int = 0,
        samplers: Sequence[str] | SamplerChain = (),
        max_length: int = 64,
        novel: bool = False,
        unique: bool = False,
    ) -> Iterator[Generated]:
        """Yield documents that begin with `prefix`.

        Args:
            samplers: applied in this order, as `"top_p:p=0.9"`; or a chain made of them.
            max_length: tokens that a document may have, its prefix included.
            novel: leave out what is in any split of the corpus.
            unique: leave out what was yielded before.

        `novel` and `unique` reject candidates, and give up (yielding fewer than `count`) when
        1,000 in a row were rejected for each document still wanted.

        Raises:
            RequestError: the prefix holds an unknown character or leaves no room.
        """
        chain = samplers if isinstance(samplers, SamplerChain) else parse_chain(samplers)
        candidates = self._candidates(prefix, seed, chain, max_length, count)
        if not (novel or unique):
            yield from itertools.islice(candidates, count)
            return
        refused: set[str] = set(self.known) if novel else set()
        since_last = 0
        for candidate in candidates:
            if count <= 0 or since_last >= TRIES_A_DOCUMENT * min(count, 100):
                return
            since_last += 1
            if candidate.text not in refused:
                yield candidate
                count, since_last = count - 1, 0
                if unique:
                    refused.add(candidate.text)

    def _candidates(
        self, prefix: str, seed: int, chain: SamplerChain, max_length: int, first: int
    ) -> Iterator[Generated]:
        ids = [*self.tokenizer.start_ids, *self.tokenizer.encode(prefix)]
        room = max_length - len(ids)
        if room < 0:
            raise RequestError(
                f"The prefix {prefix!r} is longer than the length limit {max_length}."
            )
        begin = 0
        while True:
            size = max(1, min(first, CANDIDATES_AT_ONCE)) if begin == 0 else CANDIDATES_AT_ONCE
            sequences = np.arange(begin, begin + size)
            grown = generate(self.model, chain, ids, seed, sequences, room)
            texts = (self.tokenizer.decode([*ids, *tokens]) for tokens in grown.tokens)
            yield from itertools.starmap(
                Generated,
                zip(
                    texts,
                    grown.logprobs.tolist(),
                    grown.logprobs_drawn.tolist(),
                    grown.finished.tolist(),
                    strict=True,
                ),
            )
            begin += size

    def next(self, prefix: str = "", samplers: Sequence[str] | SamplerChain = ()) -> NextToken:
        """The distribution over the token after `prefix`, and after each of the samplers.

        Raises:
            RequestError: the prefix holds an unknown character, or a sampler of the chain needs
                more than the distribution.
        """
        ids = [*self.tokenizer.start_ids, *self.tokenizer.encode(prefix)]
        prefixes = Prefixes.of([ids])
        logprobs = self.model.next_logprobs(prefixes.last(self.model.context_length))
        chain = samplers if isinstance(samplers, SamplerChain) else parse_chain(samplers)
        situation = Situation(position=0)
        if chain.needs_history or any(link.sampler.takes_chance for link in chain.links):
            raise RequestError("This chain needs more than the distribution; see it in the REPL.")
        stages = chain.stages(logprobs, [situation] * len(chain.links))
        symbols = self.tokenizer.symbols
        tokens = tuple(symbols[token] for token in ids)
        width = self.model.context_length
        window = prefixes.padded(len(ids) if width is None else width, self.tokenizer.terminator_id)
        return NextToken(
            prefix,
            tokens,
            len(ids) if width is None else min(width, len(ids)),
            "".join(symbols[token] for token in window[0].tolist()),
            symbols,
            logprobs[0],
            tuple(link.label for link in chain.links),
            tuple(stage[0] for stage in stages),
        )

    def score(self, text: str) -> Score:
        """Log-probability of every token of a document, its terminator included.

        Raises:
            RequestError: the text holds an unknown character.
        """
        return next(iter(self.score_all([text])))

    def score_all(self, texts: Iterable[str]) -> Iterator[Score]:
        """Score many documents, a batch at a time."""
        remaining = iter(texts)
        while batch := list(itertools.islice(remaining, CANDIDATES_AT_ONCE)):
            yield from self._score_batch(batch)

    def _score_batch(self, texts: Sequence[str]) -> Iterator[Score]:
        rows = [self.tokenizer.encode(text) for text in texts]
        dataset = Dataset(EncodedDocuments.of(rows), self.tokenizer.vocabulary)
        logprobs = token_logprobs(self.model, dataset)
        symbols = self.tokenizer.symbols
        for text, ids, start in zip(texts, rows, dataset.starts.tolist(), strict=True):
            tokens = tuple(symbols[token] for token in [*ids, self.tokenizer.terminator_id])
            yield Score(text, tokens, tuple(logprobs[start : start + len(tokens)].tolist()))
