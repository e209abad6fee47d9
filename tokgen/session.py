"""The REPL's state and commands, with no terminal in it: `handle(line)` gives events to show.

What is typed is a prefix; an empty line samples one token; `:name` is a command. The n-th draw
from a prefix uses sequence n of the seed law, so Enter, Enter, … makes the same document as
`tokgen generate` with that prefix and seed, and going back and drawing again makes another.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tokgen.errors import RequestError, TokgenError, did_you_mean
from tokgen.generation import Step, grow
from tokgen.sampler import SamplerChain
from tokgen.text_model import NextToken, Score, TextModel


@dataclass(frozen=True)
class Distribution:
    """The distribution after the present prefix is to be shown."""

    next: NextToken


@dataclass(frozen=True)
class Sampled:
    """One token was drawn. `rank` counts from 1 in the model's order."""

    token: str
    rank: int
    prob: float
    surprisal_bits: float


@dataclass(frozen=True)
class Completed:
    """The document ended. `logprob` is of the whole of it, nats; `known`: it is in the corpus."""

    text: str
    logprob: float
    known: bool


@dataclass(frozen=True)
class Told:
    """Something to be read."""

    text: str


@dataclass(frozen=True)
class Refused:
    """The line was wrong: one sentence."""

    text: str


@dataclass(frozen=True)
class Left:
    """The session is over."""


Event = Distribution | Sampled | Completed | Told | Refused | Left


@dataclass(frozen=True)
class Place:
    """Where a session stands: the prefix that was typed, and the ids drawn since."""

    prefix: str = ""
    drawn: tuple[int, ...] = ()


class Session:
    """One user with one model. Errors are events; the session is never lost to one."""

    def __init__(self, model: TextModel, seed: int, chain: SamplerChain | None = None) -> None:
        self.model = model
        self.seed = seed
        self.chain = chain or SamplerChain()
        self.place = Place()
        self._draws: Counter[Place] = Counter()

    def handle(self, line: str) -> list[Event]:
        """Do what one line asks for, and tell what is to be seen."""
        try:
            return list(self._answered(line.strip()))
        except TokgenError as error:
            return [Refused(str(error))]

    def _answered(self, line: str) -> Iterator[Event]:
        if line.startswith(":"):
            name, _, rest = line[1:].partition(" ")
            if name not in COMMANDS:
                raise RequestError(f"There is no command :{name}.{did_you_mean(name, COMMANDS)}")
            yield from COMMANDS[name].run(self, rest.strip())
        elif line:
            shown = self.model.next(line, self.chain)
            self.place = Place(line)
            yield Distribution(shown)
        else:
            yield from self._sampled()

    def _sampled(self) -> Iterator[Event]:
        step = self._next_step()
        self._draws[self.place] += 1
        token = int(step.tokens[0])
        yield _sampled(step, token, self.model.tokenizer.symbols)
        if token == self.model.tokenizer.terminator_id:
            yield self._completed()
            self.place = Place(self.place.prefix)
        else:
            self.place = replace(self.place, drawn=(*self.place.drawn, token))
        yield Distribution(self.model.next(self._text(), self.chain))

    def _next_step(self) -> Step:
        prefix = [*self.model.tokenizer.start_ids, *self.model.tokenizer.encode(self.place.prefix)]
        sequence = np.array([self._draws[self.place]])
        drawn = self.place.drawn
        steps = grow(self.model.model, self.chain, prefix, self.seed, sequence, len(drawn), drawn)
        return next(itertools.islice(steps, len(drawn), None))

    def _text(self) -> str:
        return self.place.prefix + self.model.tokenizer.decode(self.place.drawn)

    def _completed(self) -> Completed:
        score: Score = self.model.score(self._text())
        return Completed(score.text, score.logprob, score.text in self.model.known)


def _sampled(step: Step, token: int, symbols: tuple[str, ...]) -> Sampled:
    logprobs = step.logprobs[0]
    rank = int((logprobs > logprobs[token]).sum()) + 1
    logprob = float(logprobs[token])
    return Sampled(symbols[token], rank, math.exp(logprob), abs(logprob) / math.log(2))


@dataclass(frozen=True)
class Command:
    """What follows a colon: how it is written, what it does, and the function that does it."""

    usage: str
    meaning: str
    run: Callable[[Session, str], Iterator[Event]]


def _help(session: Session, rest: str) -> Iterator[Event]:
    width = max(len(command.usage) for command in COMMANDS.values())
    lines = [f"{command.usage:<{width}}  {command.meaning}" for command in COMMANDS.values()]
    lines = ["type a prefix to see what may follow; press Enter to sample one token", *lines]
    yield Told("\n".join(lines))


def _quit(session: Session, rest: str) -> Iterator[Event]:
    yield Left()


COMMANDS = {
    "help": Command(":help", "show this", _help),
    "quit": Command(":quit", "leave", _quit),
}
