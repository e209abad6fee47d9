"""Completion: what a request asks for, understood, and its answer as it comes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import rows_at_once
from tokgen.exact.conditions import Conditions
from tokgen.generation.grow import Step, grow
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.streams import Stream
from tokgen.server.bodies import CompletionBody
from tokgen.server.choices import Choice, Delta, Ending
from tokgen.server.infilling import around
from tokgen.server.prompts import Prompt
from tokgen.server.token_reports import Reporter, rows_along
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.text_model import TextModel
from tokgen.unicode import nfc

GROWN_AT_ONCE = 256


@dataclass(frozen=True)
class Completion:
    """A completion request that has been understood.

    Attributes:
        model: the served one, told what the request gives.
        count: choices of each prompt that are made; the best `body.n` of them are told.
        max_tokens: of each choice; None: whole documents.
    """

    body: CompletionBody
    model: TextModel
    prompts: tuple[Prompt, ...]
    chain: SamplerChain
    conditions: Conditions
    seed: int
    count: int
    max_tokens: int | None
    memory: int

    @property
    def told(self) -> int:
        """How many choices of each prompt are told."""
        return self.body.n or 1

    @property
    def is_exact_work(self) -> bool:
        """Whether the memory for automata, Markov chains and searches is needed."""
        return bool(self.conditions) or self.body.suffix is not None

    def streams(self) -> list[tuple[Choice, Stream]]:
        """The choices that can be grown together with those of other requests."""
        model = self.model.model
        return [
            (
                self._choice(number * self.count + sequence, prompt),
                Stream.begin(prompt.given.beginning, model, self.seed, sequence),
            )
            for number, prompt in enumerate(self.prompts)
            if self._grows_with_others(prompt)
            for sequence in range(self.count)
        ]

    def _grows_with_others(self, prompt: Prompt) -> bool:
        if self.max_tokens == 0 or self.is_exact_work or self.chain.needs_history:
            return False
        return not prompt.given.beginning.rest

    @property
    def tells_by_itself(self) -> bool:
        """Whether `deltas` tells anything."""
        body = self.body
        of_prompts = body.echo or body.return_token_ids or body.prompt_logprobs is not None
        return bool(of_prompts) or not all(map(self._grows_with_others, self.prompts))

    def deltas(self) -> Iterator[Delta]:
        """What is new of each choice as it comes, prompt by prompt, but of `streams`.

        Raises:
            RequestError: a condition is impossible, or the model can read no more.
            PluginError: the model or a sampler fails.
        """
        for number, prompt in enumerate(self.prompts):
            yield from self._of_prompt(prompt, number * self.count)

    def _of_prompt(self, prompt: Prompt, first: int) -> Iterator[Delta]:
        indices = range(first, first + self.count)
        begun = self._begun(prompt)
        if begun != Delta(0):
            yield from (begun._replace(number=index) for index in indices)
        if self.max_tokens == 0:
            yield from (Delta(index, finish_reason="length") for index in indices)
        elif self.is_exact_work:
            yield from self._whole_documents(prompt, indices)
        elif not self._grows_with_others(prompt):
            yield from self._grown(prompt, indices)

    def _begun(self, prompt: Prompt) -> Delta:
        """What is told of the prompt itself."""
        body, ids = self.body, self._ids_told(prompt)
        told = Delta(0, prompt_ids=(*prompt.mark, *ids) if body.return_token_ids else None)
        if body.echo:
            told = told._replace(text=prompt.text)
        width = body.prompt_logprobs
        if not (body.echo and body.logprobs is not None) and width is None:
            return told
        reporter, spelling = self._reporter, self.model.tokenizer.detokenizer()
        reports = [reporter.report(token, None, 0) for token in prompt.mark]
        entries: list[dict[str, object] | None] = [None] * len(prompt.mark)
        offset = 0
        for token, row in rows_along(self.model.model, prompt.given.beginning, ids):
            reports.append(reporter.report(token, row, offset))
            offset += len(spelling.add(token))
            if width is not None:
                entries.append(reporter.prompt_logprobs(token, row, width))
        tokens = tuple(reports) if body.echo else ()
        return told._replace(
            tokens=tokens, prompt_logprobs=tuple(entries) if width is not None else None
        )

    def _ids_told(self, prompt: Prompt) -> tuple[int, ...]:
        """The ids of the prompt; if it goes on, those alone that no continuation changes."""
        if self.max_tokens == 0:
            return prompt.ids
        return prompt.given.beginning.ids[len(self.model.model.vocabulary.beginning) :]

    @property
    def _reporter(self) -> Reporter:
        return Reporter(self.model.tokenizer.symbols, self.body.logprobs)

    def _choice(self, index: int, prompt: Prompt) -> Choice:
        body = self.body
        stop_ids = frozenset(body.stop_token_ids or ())
        # What stands between a prompt and a suffix is whole, however long.
        most = self.max_tokens if body.suffix is None else None
        ending = Ending(most, body.stops, stop_ids, body.min_tokens or 0)
        echo = bool(body.echo)
        return Choice(index, prompt, self.model.tokenizer, self._reporter, ending, echo)

    def _grown(self, prompt: Prompt, indices: Sequence[int]) -> Iterator[Delta]:
        at_once = rows_at_once(self.model.model.vocabulary.size, GROWN_AT_ONCE)
        for begin in range(0, len(indices), at_once):
            choices = [self._choice(index, prompt) for index in indices[begin:][:at_once]]
            yield from self._grown_together(prompt, choices, begin)

    def _grown_together(
        self, prompt: Prompt, choices: Sequence[Choice], first: int
    ) -> Iterator[Delta]:
        def over(step: Step) -> NDArray[np.bool_]:
            return np.array([choices[row].is_over for row in step.rows.tolist()])

        beginning, sequences = prompt.given.beginning, np.arange(first, first + len(choices))
        room = (self.max_tokens or 0) + len(beginning.rest) - 1
        steps = grow(self.model.model, self.chain, beginning, self.seed, sequences, room, over)
        for step in steps:
            drawn = zip(step.rows, step.nodes, step.tokens.tolist(), strict=True)
            for row, node, token in drawn:
                delta = choices[row].add(token, step.seen.model[node])
                if delta is not None:
                    yield delta

    def _whole_documents(self, prompt: Prompt, indices: Sequence[int]) -> Iterator[Delta]:
        """Documents drawn given the conditions, or a suffix that is not told of."""
        suffix, conditions = self.body.suffix, self.conditions
        if suffix is not None:
            conditions = around(self.model, prompt, suffix, self.max_tokens or 0)
        request = GenerationRequest(
            self.count, prompt.text, self.seed, self.chain, conditions, memory=self.memory
        )
        documents = self.model.generation_after(prompt.given, request).documents()
        for index, document in zip(indices, documents, strict=True):
            ids: Sequence[int] = (*document.ids, self.model.tokenizer.terminator_id)
            if suffix is not None:
                ids = document.ids[: len(document.ids) - len(nfc(suffix))]
            yield from self._told(self._choice(index, prompt), ids)

    def _told(self, choice: Choice, ids: Sequence[int]) -> Iterator[Delta]:
        """A choice that draws what follows the prompt in these ids."""
        beginning = choice.prompt.given.beginning
        begun = len(beginning.ids) - len(self.model.model.vocabulary.beginning)
        along = rows_along(self.model.model, beginning, ids)
        for token, row in itertools.islice(along, begun, None):
            delta = choice.add(token, row)
            if delta is not None:
                yield delta
            if choice.is_over:
                return
        yield choice.end()
