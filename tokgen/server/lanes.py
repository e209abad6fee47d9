"""Lanes: the choices of many requests, grown together step by step (continuous batching).

A choice joins its lane between two steps and leaves it when it is over or its client has gone, so
that no request waits for another one's end, and what it draws follows from its own seed alone.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from anyio import Event
from anyio.lowlevel import checkpoint

from tokgen.arrays import rows_at_once
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.streams import Drawn, Stream, Streams
from tokgen.plugin_api.model import LanguageModel
from tokgen.server.choices import Choice, Delta
from tokgen.server.completions import Completion
from tokgen.server.working import SLICE_SECONDS, Workers

GROWN_AT_ONCE = 1024
# To hand out what came takes the event loop about so long a row. Slices that are as long as that
# leave half of the time to the model; nobody waits longer than the longest for the next token.
SECONDS_A_ROW = 0.001
LONGEST_SLICE = 0.1


@dataclass(eq=False)
class Receiver:
    """Whoever takes what is new of one request's choices.

    Attributes:
        growing: how many of its choices are not over.
        error: what ended all of them.
        is_gone: nobody takes anything any longer.
    """

    growing: int
    deltas: list[Delta] = field(default_factory=list)
    error: Exception | None = None
    is_gone: bool = False

    @property
    def waits(self) -> bool:
        """Whether there is nothing to take, and there will be."""
        return self.growing > 0 and not self.deltas and self.error is None

    def take(self) -> list[Delta]:
        """What is new; raises what went wrong, once all before it was taken."""
        taken, self.deltas = self.deltas, []
        if not taken and self.error is not None:
            raise self.error
        return taken


@dataclass(frozen=True, eq=False)
class Row:
    """A choice that is grown, and who takes what is new of it."""

    choice: Choice
    receiver: Receiver

    @property
    def is_wanted(self) -> bool:
        """Whether another token is wanted."""
        return not (self.choice.is_over or self.receiver.is_gone or self.receiver.error)


Standing = tuple[Row, Stream]


class Lane:
    """Choices of one model under one sampler chain.

    Whoever finds nothing new takes a turn for all, and the others take what it brought them.
    """

    def __init__(self, model: LanguageModel, chain: SamplerChain) -> None:
        self._model, self._chain = model, chain
        self._streams = Streams(model, chain)
        self._rows: list[Row] = []
        self._waiting: list[Standing] = []
        self._most = rows_at_once(model.vocabulary.size, GROWN_AT_ONCE)
        self._receivers: set[Receiver] = set()
        self._turn_is_over: Event | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nobody takes anything from it."""
        return not self._receivers

    async def grown(
        self, starts: Sequence[tuple[Choice, Stream]], workers: Workers
    ) -> AsyncGenerator[list[Delta], None]:
        """What is new of these choices, as it comes.

        Raises:
            TokgenError: the model or a sampler fails for one of them.
        """
        receiver = Receiver(len(starts))
        self._receivers.add(receiver)
        self._waiting += [(Row(choice, receiver), stream) for choice, stream in starts]
        try:
            while receiver.growing or receiver.deltas:
                if receiver.waits:
                    await self._turn(workers)
                if taken := receiver.take():
                    yield taken
        finally:
            receiver.is_gone = True
            self._receivers.discard(receiver)

    async def _turn(self, workers: Workers) -> None:
        """Wait for the turn that somebody takes, or take one."""
        await checkpoint()  # Whoever is there at the same moment grows with it.
        if self._turn_is_over is not None:
            await self._turn_is_over.wait()
            return
        is_over = self._turn_is_over = Event()
        try:
            await workers.run_for_all(partial(self._take_turn, self._admitted()))
        finally:
            self._turn_is_over = None
            is_over.set()

    def _admitted(self) -> list[Standing]:
        """Those who wait no longer, in the order in which they came."""
        waiting = [each for each in self._waiting if each[0].is_wanted]
        room = max(0, self._most - len(self._rows))
        self._waiting = waiting[room:]
        return waiting[:room]

    def _take_turn(self, newcomers: Sequence[Standing]) -> None:
        """Some steps for all, in one slice of time."""
        self._let_in(newcomers)
        for_all = min(SECONDS_A_ROW * len(self._rows), LONGEST_SLICE)
        until = time.monotonic() + max(SLICE_SECONDS, for_all)
        while self._rows and time.monotonic() < until:
            drawn = None
            rows = list(range(len(self._rows)))
            try:
                drawn = self._streams.step()
                rows = self._tell(drawn)
                self._streams.go_on(np.array(rows, np.int64), drawn)
                self._rows = [self._rows[row] for row in rows]
            except Exception as error:
                self._begin_anew([self._standing(row, drawn) for row in rows], error)
            if len(self._rows) <= len(self._waiting) and len(self._rows) < self._most:
                return  # So many had better grow with these than after them.

    def _let_in(self, newcomers: Sequence[Standing]) -> None:
        """Add rows: all of them at once, which costs what one costs."""
        if not newcomers:
            return
        try:
            self._join(newcomers)
        except Exception as error:
            there = [self._standing(row, None) for row in range(len(self._rows))]
            self._begin_anew([*there, *newcomers], error)

    def _join(self, newcomers: Sequence[Standing]) -> None:
        rows, streams = zip(*newcomers, strict=True)
        self._streams.join(streams)
        self._rows += rows

    def _tell(self, drawn: Drawn) -> list[int]:
        """Hand each choice its token; the rows that want another one."""
        for row, token, logprobs in zip(
            self._rows, drawn.tokens.tolist(), drawn.logprobs, strict=True
        ):
            try:
                delta = row.choice.add(token, logprobs)
            except Exception as error:
                row.receiver.error = error
                continue
            if delta is not None:
                row.receiver.deltas.append(delta)
            if row.choice.is_over:
                row.receiver.growing -= 1
        return [number for number, row in enumerate(self._rows) if row.is_wanted]

    def _standing(self, number: int, drawn: Drawn | None) -> Standing:
        """A row where it stands, after the token that it was told of."""
        stream = self._streams.stream(number)
        return self._rows[number], stream if drawn is None else stream.after(drawn.tokens[number])

    def _begin_anew(self, standing: Sequence[Standing], failure: Exception) -> None:
        """End the requests whose rows fail by themselves; the others go on where they stand.

        Where none fails by itself, all end: together they would fail again and again.
        """
        self._rows, self._streams = [], Streams(self._model, self._chain)
        sound: list[Standing] = []
        for receiver, of_one in itertools.groupby(standing, lambda each: each[0].receiver):
            alone = list(of_one)
            try:
                Streams(self._model, self._chain, [stream for _, stream in alone]).step()
            except Exception as error:
                receiver.error = error
            else:
                sound += alone
        if len(sound) < len(standing):
            self._let_in(sound)
            return
        for row, _ in standing:
            row.receiver.error = failure


class Lanes:
    """The lanes of a server, each there as long as somebody takes from it."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._lanes: dict[tuple[int, tuple[str, ...]], Lane] = {}

    async def grown(self, asked: Completion) -> AsyncGenerator[list[Delta], None]:
        """What is new of a request's choices that can be grown with others'."""
        starts = asked.streams()
        if not starts:
            return
        model, chain = asked.model.model, asked.chain
        key = id(model), tuple(chained.written for chained in chain.samplers)
        lane = self._lanes.setdefault(key, Lane(model, chain))
        try:
            async for deltas in lane.grown(starts, self._workers):
                yield deltas
        finally:
            if lane.is_empty and self._lanes.get(key) is lane:
                del self._lanes[key]
