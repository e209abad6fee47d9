"""TextModel: tokenizer + model; text in, text out. It is what `tokgen.load` returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Unpack

from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.rng import drawn_seed
from tokgen.text_model.analysis import analyze
from tokgen.text_model.argument_kinds import check_whole
from tokgen.text_model.argument_names import asked_by_name
from tokgen.text_model.classification import Classified, Classifier
from tokgen.text_model.cross_entropy import CrossEntropy, cross_entropies
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.embeddings import initial_space_of, space_of
from tokgen.text_model.explained import Explained
from tokgen.text_model.generation_request import GenerationRequest, usual_count
from tokgen.text_model.gradient_step import DEFAULT_RATE, TakenStep, example_of, take_step
from tokgen.text_model.keywords import (
    CONDITIONS,
    SHORTHANDS,
    Keywords,
    SamplerKeywords,
    Samplers,
    asked_of,
    chain_of,
)
from tokgen.text_model.opened_model import OpenedModel, or_default
from tokgen.text_model.results import Drawn, NextToken, Ranked, Score
from tokgen.text_model.steps import Step
from tokgen.text_model.tree import TreeNode, generation_tree

UNCONDITIONED = Conditions()


class TextModel(OpenedModel):
    """A fitted model with its tokenizer, which takes text and gives text."""

    def __repr__(self) -> str:
        told = f", given={dict(self.given)!r}" if self.given else ""
        return f"<TextModel {self.metadata.model.name} of {self.metadata.corpus.name}{told}>"

    @asked_by_name(*SHORTHANDS, *CONDITIONS)
    def generate(
        self,
        count: int | None = None,
        *,
        prefix: str = "",
        seed: int | None = None,
        samplers: Samplers = (),
        max_length: int | None = None,
        conditions: Conditions = UNCONDITIONED,
        unique: bool = False,
        beam: int | None = None,
        memory: int | None = None,
        given: Mapping[str, str] | None = None,
        **keywords: Unpack[Keywords],
    ) -> Drawn:
        """Draw documents that begin with `prefix`, under samplers and conditions.

        Args:
            count: how many documents; None means 10, or the width of the beam.
            seed: the same one gives the same documents; None draws one, and `Drawn.seed` tells it.
            samplers: applied in this order, each as `"top_p:p=0.9"`, as
                `tokgen.sampler("top_p", p=0.9)`, or a `Sampler` of your own.
            max_length: cut a document with more tokens, its prefix included; None is 64, or no
                limit under conditions.
            conditions: what each document must fulfil.
            unique: give no document twice.
            beam: draw nothing, and search for the most probable documents with so many prefixes of
                each length.
            memory: bytes that exact computations may take; None is `TOKGEN_MEMORY`, or 1 GiB.
            given: column -> value, what the model is told.
            keywords: `temperature`, `top_k`, `top_p`, `min_p` (samplers after those listed);
                `length` (6 or "4..10"), `pattern`, `suffix`, `contains`, `exclude`, `novel`,
                `novel_distance`, `min_logprob`, `quality` (conditions, besides `conditions`).

        Raises:
            RequestError: the request cannot be fulfilled. Where only drawing shows it (a condition
                is impossible, the memory does not suffice), the error comes when documents are
                taken.
        """
        if seed is not None and beam is not None:
            raise RequestError("A beam draws nothing: a seed has no effect.", field="seed")
        chain, conditions = asked_of(samplers, conditions, keywords)
        seed = drawn_seed() if seed is None else seed
        request = GenerationRequest(
            usual_count(beam) if count is None else count,
            prefix,
            seed,
            chain,
            conditions,
            unique,
            beam,
            max_length,
            or_default(memory),
        )
        return Drawn(seed, self.told(given).generation(request).documents())

    @asked_by_name(*SHORTHANDS)
    def steps(
        self,
        prefix: str = "",
        *,
        seed: int | None = None,
        samplers: Samplers = (),
        max_length: int | None = None,
        given: Mapping[str, str] | None = None,
        **keywords: Unpack[SamplerKeywords],
    ) -> Iterator[Step]:
        """The first document of `generate` with this seed, token by token.

        Raises:
            RequestError: as `next`; or the prefix is as long as a document may be.
            PluginError: the model or a sampler fails.
        """
        chain = chain_of(samplers, keywords)
        seed = drawn_seed() if seed is None else seed
        request = GenerationRequest(1, prefix, seed, chain, max_length=max_length)
        return self.told(given).generation(request).steps()

    @asked_by_name(*SHORTHANDS)
    def next(
        self,
        prefix: str = "",
        samplers: Samplers = (),
        given: Mapping[str, str] | None = None,
        **keywords: Unpack[SamplerKeywords],
    ) -> NextToken:
        """The distribution over the token after `prefix`, and after each of the samplers.

        `given`: column -> value, what the model is told. `keywords`: `temperature`, `top_k`,
        `top_p`, `min_p`, samplers after those listed.

        Raises:
            RequestError: the prefix holds an unknown character, or the model cannot spell it; or
                the model cannot be told a column or a value.
            PluginError: the model or a sampler fails.
        """
        chain = chain_of(samplers, keywords)
        return self.next_after(self.told(given).beginning(prefix), chain)

    @asked_by_name()
    def explain(self, prefix: str, given: Mapping[str, str] | None = None) -> Explained:
        """The steps by which the model comes to its distribution after a prefix.

        `given`: column -> value, what the model is told. Where tokens that follow are going to
        spell the end of the prefix, it is the distribution after the part that is spelt.

        Raises:
            RequestError: the model does not explain itself; or as `next`.
        """
        beginning = self.told(given).beginning(prefix)
        steps = tuple(self.explain_after(beginning))
        return Explained(self.next_after(beginning, SamplerChain()), steps)

    @asked_by_name()
    def score(self, text: str, given: Mapping[str, str] | None = None) -> Score:
        """Log-probability of every token of a document, its terminator included.

        `given`: column -> value, what the model is told.

        Raises:
            RequestError: the text holds an unknown character, or the model cannot be told a column
                or a value.
        """
        return next(iter(self.score_all([text], given)))

    @asked_by_name()
    def loss(self, text: str, given: Mapping[str, str] | None = None) -> CrossEntropy:
        """The loss of a document, worked out: each window, its target, and −ln p in nats.

        Arguments and errors as for `score`.
        """
        return next(cross_entropies(self.told(given), [text]))

    @asked_by_name()
    def step(
        self, text: str, rate: float = DEFAULT_RATE, given: Mapping[str, str] | None = None
    ) -> TakenStep:
        """What one step of gradient descent would change; the model itself stays as it is.

        The last token of the text is the target, those before it are the context. `given`: column
        -> value, what the model is told.

        Raises:
            RequestError: as `score`; or the text is empty, the rate is no number above 0 and at
                most 1,000, the model is not trained by gradient, or torch is not installed.
        """
        model = self.told(given)
        return take_step(model, *example_of(model, text), rate)

    @asked_by_name()
    def classify(self, text: str, given: Mapping[str, str] | None = None) -> Classified:
        """How probable each value of a column is for a text, beside its share of the corpus.

        `given`: column -> value, what is already known of the columns.

        Raises:
            RequestError: the model cannot be told columns, or its corpus is not found; or as
                `score`.
        """
        return next(Classifier.of(self.told(given)).classify([text]))

    @asked_by_name(*SHORTHANDS, *CONDITIONS)
    def top(
        self,
        count: int | None = None,
        *,
        prefix: str = "",
        samplers: Samplers = (),
        conditions: Conditions = UNCONDITIONED,
        memory: int | None = None,
        given: Mapping[str, str] | None = None,
        **keywords: Unpack[Keywords],
    ) -> Iterator[Ranked]:
        """Documents that begin with `prefix`, the most probable under the samplers first, exactly.

        Each text comes once, with its most probable spelling in tokens. `count`: how many
        documents; None means all. The other arguments are those of `generate`.

        Raises:
            RequestError: as `generate`.
        """
        check_whole("count", count, least=0)
        chain, conditions = asked_of(samplers, conditions, keywords)
        return self.top_of(self.source(prefix, chain, conditions, memory, given), count)

    @asked_by_name(*SHORTHANDS)
    def tree(
        self,
        prefix: str = "",
        *,
        depth: int = 3,
        width: int = 3,
        samplers: Samplers = (),
        given: Mapping[str, str] | None = None,
        **keywords: Unpack[SamplerKeywords],
    ) -> TreeNode:
        """The `width` most probable tokens after `prefix`, what may follow them, and so on.

        The other arguments are those of `next`.

        Raises:
            RequestError: as `next`; the tree has no level or no branch, or too many nodes.
            PluginError: the model or a sampler fails.
        """
        check_whole("depth", depth, least=1)
        check_whole("width", width, least=1)
        beginning = self.told(given).beginning(prefix)
        growth = Growth.begin(self.model, chain_of(samplers, keywords), beginning)
        return generation_tree(self.tokenizer, growth, depth, width)

    @asked_by_name(*SHORTHANDS, *CONDITIONS)
    def analyze(
        self,
        prefix: str = "",
        *,
        samplers: Samplers = (),
        conditions: Conditions = UNCONDITIONED,
        memory: int | None = None,
        given: Mapping[str, str] | None = None,
        **keywords: Unpack[Keywords],
    ) -> dict[str, Any]:
        """Exact figures of the documents that begin with `prefix`, or bounds on them, by name.

        They are those of `tokgen analyze --json`. The other arguments are those of `generate`.

        Raises:
            RequestError: as `generate`.
        """
        chain, conditions = asked_of(samplers, conditions, keywords)
        model = self.told(given)
        return analyze(model, model.source(prefix, chain, conditions, memory))

    @asked_by_name()
    def embeddings(self, *, initial: bool = False) -> EmbeddingSpace:
        """The embedding table; with `initial`, as it was before the first step of the training.

        Raises:
            RequestError: the model has no table; or `initial` is asked for and torch is not
                installed.
        """
        return initial_space_of(self) if initial else space_of(self)

    @asked_by_name()
    def save(self, path: str | Path) -> None:
        """Write the model as a checkpoint file; a file that was there is replaced whole or not at
        all.

        Raises:
            TokgenError: the file cannot be written.
        """
        self._checkpoint.save(Path(path))
