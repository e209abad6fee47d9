"""Where a session stands: model, chain, seed, the tree of places visited, and moves in it."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from tokgen.errors import RequestError
from tokgen.generation.grow import Step, grow
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.session.events import Completed, Distribution, Event, Sampled
from tokgen.text_model.nearest import Neighbourhood
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_store import ModelRequest

FIRST_ROWS = 8
LONGEST = 200


@dataclass(frozen=True)
class Node:
    """A node of the tree: the prefix that was typed, and the ids chosen since."""

    prefix: str = ""
    drawn: tuple[int, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What the user sets."""

    seed: int
    chain: SamplerChain = field(default_factory=SamplerChain)
    sort: str = "probability"
    rows: int | None = FIRST_ROWS


class State:
    """A session's state; its methods move in the tree and tell what is to be seen."""

    def __init__(
        self,
        model: TextModel,
        settings: Settings,
        request: ModelRequest,
        open_model: Callable[[ModelRequest], TextModel],
    ) -> None:
        self.model = model
        self.settings = settings
        self.request = request
        self.open_model = open_model
        self.place = Node()
        self.places: list[Node] = [self.place]
        self.marks: dict[str, Node] = {}
        self.draws: Counter[Node] = Counter()
        self.undone: list[Node] = []
        self._neighbours: tuple[TextModel, Neighbourhood] | None = None

    @property
    def temperature(self) -> float:
        """The t of the chain's last temperature, 1 where there is none."""
        options = [chained.sampler.options for chained in self.settings.chain.samplers]
        return next((o.t for o in reversed(options) if hasattr(o, "t")), 1.0)

    def text(self, place: Node | None = None) -> str:
        """The text of a place, by default of the present one."""
        place = place or self.place
        return place.prefix + self.model.tokenizer.decode(place.drawn)

    def number(self, place: Node) -> int:
        """The number of a place in the tree; a new place gets the next one."""
        if place not in self.places:
            self.places.append(place)
        return self.places.index(place)

    def move(self, place: Node) -> Distribution:
        """Go to a place and see what may follow."""
        shown = self.distribution(place)
        self.place = place
        self.number(place)
        return shown

    def distribution(self, place: Node | None = None) -> Distribution:
        """What may follow a place, by default the present one."""
        settings = self.settings
        following = self.model.next(self.text(place), settings.chain)
        return Distribution(following, self.temperature, settings.sort, settings.rows)

    def sample(self) -> Iterator[Event]:
        """Draw one token: the n-th draw from a place uses sequence n of the seed law."""
        step = self._step(self.draws[self.place])
        self.draws[self.place] += 1
        yield from self.take(int(step.tokens[0]), step, forced=False)

    def force(self, token: int) -> Iterator[Event]:
        """Choose a token, whatever its probability."""
        yield from self.take(token, self._step(0), forced=True)

    def take(self, token: int, step: Step, *, forced: bool) -> Iterator[Event]:
        """Go on with a token; a terminator completes the document and leads back to its prefix."""
        self.undone.clear()
        yield _chosen(step, token, self.model.tokenizer.symbols, forced)
        if token == self.model.tokenizer.terminator_id:
            yield self.completed()
            yield self.move(Node(self.place.prefix))
        else:
            yield self.move(replace(self.place, drawn=(*self.place.drawn, token)))

    def run(self) -> Iterator[Event]:
        """Sample until the document ends."""
        for _ in range(LONGEST):
            events = list(self.sample())
            yield from events[:-1]
            if any(isinstance(event, Completed) for event in events):
                yield events[-1]
                return
        yield self.distribution()

    def back(self, count: int) -> Distribution:
        """Take tokens back."""
        if not self.place.drawn:
            raise RequestError("This is where the prefix was typed: there is nothing to take back.")
        for _ in range(min(count, len(self.place.drawn))):
            self.undone.append(self.place)
            self.place = replace(self.place, drawn=self.place.drawn[:-1])
        return self.move(self.place)

    def forward(self) -> Distribution:
        """Put back the token that was taken back last."""
        if not self.undone:
            raise RequestError("Nothing was taken back.")
        return self.move(self.undone.pop())

    def completed(self) -> Completed:
        """The present text as a whole document, beside its corpus."""
        score = self.model.score(self.text())
        try:
            known = self.model.known
        except RequestError:
            return Completed(score.text, score.logprob, None, None, None)
        if self._neighbours is None or self._neighbours[0] is not self.model:
            self._neighbours = (self.model, Neighbourhood(self.model.corpus.documents))
        near = self._neighbours[1].nearest(score.text)
        known_here = score.text in known
        return Completed(score.text, score.logprob, known_here, near.text, near.distance)

    def _step(self, sequence: int) -> Step:
        vocabulary = self.model.tokenizer.vocabulary
        prefix = (*vocabulary.beginning, *self.model.tokenizer.encode(self.place.prefix))
        drawn = self.place.drawn
        steps = grow(
            self.model.model,
            self.settings.chain,
            Beginning(prefix),
            self.settings.seed,
            np.array([sequence]),
            len(drawn),
            drawn,
        )
        return next(itertools.islice(steps, len(drawn), None))


def _chosen(step: Step, token: int, symbols: tuple[str, ...], forced: bool) -> Sampled:
    logprobs = step.seen.logprobs[0]
    rank = int((logprobs > logprobs[token]).sum()) + 1
    logprob = float(logprobs[token])
    bits = abs(logprob) / math.log(2)
    return Sampled(symbols[token], rank, math.exp(logprob), bits, forced)
