"""A session in a file: settings, tree and marks as JSON."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tokgen.errors import RequestError
from tokgen.files import writing_whole
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import make_sampler
from tokgen.plugin_api.options import describe
from tokgen.reading import read_utf8
from tokgen.session.node import Node
from tokgen.session.state import Settings, State
from tokgen.text_model.beginning import can_follow
from tokgen.text_model.text_model import TextModel

LARGEST_SESSION = 64 << 20


class _Saved(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SavedNode(_Saved):
    """A node of the tree, and how often was drawn from it."""

    prefix: str
    drawn: tuple[int, ...]
    draws: int = 0


class SavedSession(_Saved):
    """Everything that a session needs to go on, but for the model itself."""

    corpus: str
    model: str | None
    checkpoint: str | None
    fingerprint: str
    seed: int
    sort: str
    rows: int | None
    chain: list[tuple[str, dict[str, float | int | str]]]
    places: list[SavedNode]
    here: int
    marks: dict[str, int]


def save_session(state: State, path: Path) -> None:
    """Write the session.

    Raises:
        TokgenError: it cannot be written there.
    """
    links = state.settings.chain.samplers
    saved = SavedSession(
        corpus=state.request.corpus,
        model=state.request.model,
        checkpoint=state.request.checkpoint,
        fingerprint=state.model.metadata.corpus.fingerprint,
        seed=state.settings.seed,
        sort=state.settings.sort,
        rows=state.settings.rows,
        chain=[
            (chained.name, chained.sampler.options.model_dump(exclude_unset=True))
            for chained in links
        ],
        places=[
            SavedNode(prefix=p.typed.text, drawn=p.drawn, draws=state.draws[p])
            for p in state.places
        ],
        here=state.number(state.place),
        marks={name: state.number(place) for name, place in state.marks.items()},
    )
    with writing_whole(path) as file:
        file.write(saved.model_dump_json(indent=1).encode())


def read_session(path: Path) -> SavedSession:
    """What a file says of a session, its form checked and nothing else.

    Raises:
        RequestError: it is no saved session.
    """
    try:
        return SavedSession.model_validate_json(read_utf8(path, LARGEST_SESSION))
    except ValidationError as invalid:
        raise RequestError(describe(invalid, SavedSession, f"The session {str(path)!r}")) from None


def load_session(state: State, path: Path) -> None:
    """Put a saved session in the place of this one; where that fails nothing has changed.

    Raises:
        RequestError: it is no saved session, or its model or samplers are not here.
    """
    saved = read_session(path)
    request = type(state.request)(saved.corpus, saved.model, checkpoint=saved.checkpoint)
    chain = SamplerChain(tuple(make_sampler(name, options) for name, options in saved.chain))
    model = state.open_model(request)
    places = [Node(model.given_prefix(each.prefix), each.drawn) for each in saved.places]
    indices = [saved.here, *saved.marks.values()]
    if not places or any(index not in range(len(places)) for index in indices):
        raise RequestError(f"The session {str(path)!r} points to a node that it does not have.")
    if not all(_can_be_drawn(place, model) for place in places):
        raise RequestError(f"The session {str(path)!r} holds tokens that the model does not have.")
    state.begin_with(model, request)
    state.settings = Settings(saved.seed, chain, saved.sort, saved.rows)
    state.places, state.place = places, places[saved.here]
    state.marks = {name: places[index] for name, index in saved.marks.items()}
    draws = {place: each.draws for place, each in zip(places, saved.places, strict=True)}
    state.draws = Counter(draws)


def _can_be_drawn(place: Node, model: TextModel) -> bool:
    """Whether the drawn tokens are the model's, none ends the document and all go on from it."""
    vocabulary = model.tokenizer.vocabulary
    known = all(
        token in range(vocabulary.size) and token != vocabulary.terminator_id
        for token in place.drawn
    )
    return known and can_follow(place.typed.beginning, place.drawn)
