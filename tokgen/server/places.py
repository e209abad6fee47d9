"""Place: where the page stands, understood: a model that was told, a prefix, and ids behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokgen.errors import RequestError
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.server.api_errors import over_limit
from tokgen.server.page_bodies import PlaceBody
from tokgen.server.served_model import ServedModel
from tokgen.text_model.beginning import GivenPrefix, can_follow
from tokgen.text_model.text_model import TextModel


@dataclass(frozen=True)
class Place:
    """Where the page stands.

    Attributes:
        model: told what the page gives.
        typed: what was typed; drawing begins behind it.
        drawn: the ids chosen since.
    """

    model: TextModel
    typed: GivenPrefix
    drawn: tuple[int, ...]

    @property
    def has_ended(self) -> bool:
        """Whether the last token ended the document."""
        return self.drawn[-1:] == (self.model.tokenizer.terminator_id,)

    @property
    def prefix(self) -> GivenPrefix:
        """All that stands there as what documents begin with.

        Raises:
            RequestError: the document has ended.
        """
        self._check_not_ended()
        return self.typed.after(self.model.tokenizer, self.drawn)

    def growth(self, chain: SamplerChain) -> Growth:
        """The sequence that stands there; raises as `prefix`."""
        self._check_not_ended()
        return Growth.at(self.model.model, chain, self.typed.beginning, self.drawn)

    def _check_not_ended(self) -> None:
        if self.has_ended:
            raise RequestError("The document has ended: nothing follows it.", field="drawn")


def place_of(served: ServedModel, body: PlaceBody) -> Place:
    """A place as the page describes it.

    Raises:
        RequestError: the text holds an unknown character, or an id cannot stand where it does.
        ApiError: it is longer than the server reads.
    """
    most = served.limits.prompt_tokens
    for field, length, unit in (
        ("typed", len(body.typed), "characters"),
        ("drawn", len(body.drawn), "tokens"),
    ):
        if length > most:
            said = f"The place has {length:,} {unit}; at most {most:,} are read."
            raise over_limit(said, field)
    served.check_ids(body.drawn)
    model = served.text_model.told(body.given)
    typed = model.given_prefix(body.typed)
    _check_drawn(model, typed, body.drawn)
    return Place(model, typed, tuple(body.drawn))


def _check_drawn(model: TextModel, typed: GivenPrefix, drawn: Sequence[int]) -> None:
    vocabulary = model.model.vocabulary
    marks = {model.tokenizer.terminator_id, *vocabulary.beginning}
    if set(drawn[:-1]) & marks or set(drawn[-1:]) & set(vocabulary.beginning):
        raise RequestError(
            "A token that begins or ends a document stands inside it.", field="drawn"
        )
    if not can_follow(typed.beginning, drawn):
        raise RequestError("The tokens do not spell what is left of the prefix.", field="drawn")
