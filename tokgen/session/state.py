"""Where a session stands: model, chain, seed, the tree of places visited, and moves in it.

Each move is worked out before anything changes, and has been made before it is told: whoever stops
listening in between finds the session in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Literal

from tokgen.corpus.corpus import Corpus
from tokgen.errors import RequestError
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.fit_run import Progress, ignore
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.session.events import Distribution
from tokgen.session.node import Node, RecentGrowths
from tokgen.text_model.beginning import GivenPrefix
from tokgen.text_model.nearest import Nearest, Neighbourhood
from tokgen.text_model.next_token import next_token
from tokgen.text_model.results import NextToken
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_request import ModelRequest
from tokgen.training.references import References, references_on
from tokgen.unit import Unit

FIRST_ROWS = 8
Sort = Literal["probability", "alphabet"]


@dataclass(frozen=True)
class Settings:
    """What the user sets.

    Attributes:
        unit: what information is counted in; None: as is usual for each figure.
    """

    seed: int
    chain: SamplerChain = field(default_factory=SamplerChain)
    sort: Sort = "probability"
    rows: int | None = FIRST_ROWS
    unit: Unit | None = None


def check_answers(model: TextModel, chain: SamplerChain, place: Node) -> None:
    """Refuse a model or a chain that cannot answer at a place before what there is is left.

    Raises:
        RequestError, PluginError: as `next_token`.
    """
    growth = Growth.at(model.model, chain, place.typed.beginning, place.drawn)
    next_token(model.tokenizer, growth)


Watching = Callable[[str, References], AbstractContextManager[Callable[[Progress], None]]]


def unwatched(
    corpus: str, beside: References
) -> AbstractContextManager[Callable[[Progress], None]]:
    """A training that nobody watches."""
    return nullcontext(ignore)


class State:
    """A session's state; its methods move in the tree and tell what is to be seen."""

    def __init__(
        self,
        model: TextModel,
        settings: Settings,
        request: ModelRequest,
        open_model: Callable[[ModelRequest], TextModel],
        watching: Watching = unwatched,
    ) -> None:
        self.settings = settings
        self.watching = watching
        self.open_model = open_model
        self._references: tuple[Corpus, Tokenizer, References] | None = None
        self.begin_with(model, request)

    def retrain(self, model: TextModel) -> None:
        """Take the same model with other weights; the place and the tree stay."""
        self.model = model
        self._growths = RecentGrowths(model.model)

    def references(self) -> References:
        """What predicts held-out documents of the corpus without the open model; worked out once.

        Raises:
            RequestError: the corpus is not found, or a document of it cannot be encoded.
        """
        model = self.model
        corpus, tokenizer = model.corpus, model.tokenizer
        if self._references is not None and self._references[:2] == (corpus, tokenizer):
            return self._references[2]
        found = references_on(corpus, tokenizer, model.model.vocabulary, model.metadata.model.name)
        self._references = (corpus, tokenizer, found)
        return found

    def begin_with(self, model: TextModel, request: ModelRequest) -> None:
        """Take another model; of the tree its root is left."""
        self.model = model
        self.request = request
        self.place = Node(model.given_prefix(""))
        self.places: list[Node] = [self.place]
        self.marks: dict[str, Node] = {}
        self.draws: Counter[Node] = Counter()
        self.undone: list[Node] = []
        self.completed: Node | None = None
        self._growths = RecentGrowths(model.model)
        self._neighbourhood: Neighbourhood | None = None

    @property
    def temperature(self) -> float:
        """The t of the chain's last temperature, 1 where there is none."""
        return self.settings.chain.temperature

    def prefix(self, place: Node | None = None) -> GivenPrefix:
        """What a place, by default the present one, is as a prefix of documents."""
        place = place or self.place
        return place.typed.after(self.model.tokenizer, place.drawn)

    def text(self, place: Node | None = None) -> str:
        """The text of a place, by default of the present one."""
        return self.prefix(place).text

    def growth(self, place: Node | None = None, chain: SamplerChain | None = None) -> Growth:
        """How a sequence stands at a place under a chain, by default here under the session's."""
        return self._growths.at(
            self.settings.chain if chain is None else chain, place or self.place
        )

    def next(self, place: Node | None = None, chain: SamplerChain | None = None) -> NextToken:
        """What may follow there; arguments as for `growth`."""
        return next_token(self.model.tokenizer, self.growth(place, chain))

    def next_with(self, model: TextModel) -> NextToken:
        """What may follow here by a model with the same tokens, under the session's chain."""
        place = self.place
        growth = Growth.at(model.model, self.settings.chain, place.typed.beginning, place.drawn)
        return next_token(model.tokenizer, growth)

    def distribution(self, place: Node | None = None) -> Distribution:
        """What may follow a place, by default the present one, as the session shows it."""
        settings = self.settings
        return Distribution(self.next(place), self.temperature, settings.sort, settings.rows)

    def number(self, place: Node) -> int:
        """The number of a place in the tree; a new place gets the next one."""
        if place not in self.places:
            self.places.append(place)
        return self.places.index(place)

    def move(self, place: Node) -> Distribution:
        """Go to a place and see what may follow."""
        shown = self.distribution(place)
        self.place = place
        self.completed = None
        self.number(place)
        return shown

    def complete(self, place: Node) -> Distribution:
        """End the document that stands at a place: go to where its prefix was typed."""
        shown = self.move(Node(place.typed))
        self.completed = place
        return shown

    def enter(self, text: str) -> Distribution:
        """Go to a prefix that was typed."""
        shown = self.move(Node(self.model.given_prefix(text)))
        self.undone.clear()
        return shown

    def back(self, count: int) -> Distribution:
        """Take tokens back; of a document that has just been completed its end first."""
        begin, tokens = self.completed or self.place, count
        if self.completed is not None:
            tokens = max(count - 1, 0)
        elif not begin.drawn:
            raise RequestError("This is where the prefix was typed: there is nothing to take back.")
        left = range(len(begin.drawn), max(len(begin.drawn) - tokens, 0), -1)
        undone = [replace(begin, drawn=begin.drawn[:length]) for length in left]
        shown = self.move(replace(begin, drawn=begin.drawn[: len(begin.drawn) - len(undone)]))
        self.undone += undone
        return shown

    def forward(self) -> Distribution:
        """Put back the token that was taken back last."""
        if not self.undone:
            raise RequestError("Nothing was taken back.")
        shown = self.move(self.undone[-1])
        self.undone.pop()
        return shown

    def known(self) -> frozenset[str] | None:
        """All documents of the model's corpus; None where it is not here."""
        try:
            return self.model.known
        except RequestError:
            return None

    def nearest(self, text: str) -> Nearest:
        """The document of the corpus that is nearest to a text."""
        if self._neighbourhood is None:
            self._neighbourhood = Neighbourhood(self.model.corpus.documents)
        return self._neighbourhood.nearest(text)
