"""A session in a file: settings, tree and marks as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tokgen import registry
from tokgen.errors import RequestError
from tokgen.files import writing_whole
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import make_sampler
from tokgen.paths import from_any_folder
from tokgen.plugin_api.options import describe
from tokgen.reading import read_utf8
from tokgen.session.node import Node
from tokgen.session.state import Settings, Sort, State, check_answers
from tokgen.text_model.beginning import can_follow
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_request import ModelRequest
from tokgen.unit import Unit

LARGEST_SESSION = 64 << 20


class _Saved(BaseModel):
    # JSON has no infinity: an infinite temperature is written as a text and read as a number.
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")


class SavedNode(_Saved):
    """A node of the tree, and how often was drawn from it."""

    prefix: str
    drawn: tuple[int, ...]
    draws: int = Field(0, ge=0, lt=2**63)


class SavedSession(_Saved):
    """Everything that a session needs to go on, but for the model itself.

    Attributes:
        request: what the model was asked for, files by their absolute paths.
        fingerprint: of what the model has learnt.
    """

    request: ModelRequest
    fingerprint: str
    seed: int = Field(ge=0, lt=2**64)
    sort: Sort
    rows: int | None = Field(ge=1)
    unit: Unit | None = None
    chain: list[tuple[str, dict[str, Any]]]
    places: list[SavedNode] = Field(min_length=1)
    here: int = Field(ge=0)
    marks: dict[str, Annotated[int, Field(ge=0)]]


def save_session(state: State, path: Path) -> None:
    """Write the session.

    Raises:
        TokgenError: it cannot be written there.
    """
    with writing_whole(path) as file:
        file.write(session_content(state))


def session_content(state: State) -> bytes:
    """The session as it stands in a file."""
    links = state.settings.chain.samplers
    saved = SavedSession(
        request=_from_any_folder(state.request),
        fingerprint=state.model.fingerprint,
        seed=state.settings.seed,
        sort=state.settings.sort,
        rows=state.settings.rows,
        unit=state.settings.unit,
        chain=[(each.name, each.sampler.options.model_dump(exclude_unset=True)) for each in links],
        places=[
            SavedNode(prefix=p.typed.text, drawn=p.drawn, draws=state.draws[p])
            for p in state.places
        ],
        here=state.number(state.place),
        marks={name: state.number(place) for name, place in state.marks.items()},
    )
    return saved.model_dump_json(indent=1).encode()


def read_session(path: Path) -> SavedSession:
    """What a file says of a session, its form checked and nothing else.

    Raises:
        RequestError: it is no saved session.
    """
    try:
        return SavedSession.model_validate_json(read_utf8(path, LARGEST_SESSION))
    except ValidationError as invalid:
        raise RequestError(describe(invalid, SavedSession, f"The session {str(path)!r}")) from None


def load_session(state: State, path: Path) -> bool:
    """Put a saved session in the place of this one; where that fails nothing has changed.

    Returns:
        Whether the model has learnt the same as the one that the session was saved with.

    Raises:
        RequestError: it is no saved session, or its model or samplers are not here.
    """
    saved = read_session(path)
    chain = SamplerChain(tuple(make_sampler(name, options) for name, options in saved.chain))
    model = state.open_model(saved.request)
    places = [Node(model.given_prefix(each.prefix), each.drawn) for each in saved.places]
    if any(index >= len(places) for index in (saved.here, *saved.marks.values())):
        raise RequestError(f"The session {str(path)!r} points to a node that it does not have.")
    if not all(_can_be_drawn(place, model) for place in places):
        raise RequestError(f"The session {str(path)!r} holds tokens that the model does not have.")
    check_answers(model, chain, places[saved.here])
    state.begin_with(model, saved.request)
    state.settings = Settings(saved.seed, chain, saved.sort, saved.rows, saved.unit)
    state.places, state.place = places, places[saved.here]
    state.marks = {name: places[index] for name, index in saved.marks.items()}
    draws = {place: each.draws for place, each in zip(places, saved.places, strict=True)}
    state.draws = Counter(draws)
    return saved.fingerprint == model.fingerprint


def _from_any_folder(request: ModelRequest) -> ModelRequest:
    """The request with its files by their absolute paths."""
    corpus, checkpoint = request.corpus, request.checkpoint
    is_plugin = corpus in registry.names("corpora")
    return replace(
        request,
        corpus=corpus if corpus is None or is_plugin else from_any_folder(corpus),
        checkpoint=checkpoint and from_any_folder(checkpoint),
    )


def _can_be_drawn(place: Node, model: TextModel) -> bool:
    """Whether the drawn tokens are the model's, none ends the document and all go on from it."""
    vocabulary = model.tokenizer.vocabulary
    known = all(
        token in range(vocabulary.size) and token != vocabulary.terminator_id
        for token in place.drawn
    )
    return known and can_follow(place.typed.beginning, place.drawn)
