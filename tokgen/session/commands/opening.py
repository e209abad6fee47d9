"""Commands that open another model: by its name, its corpus, its checkpoint or what it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tokgen import registry
from tokgen.errors import RequestError, did_you_mean
from tokgen.paths import user_path
from tokgen.plugin_api.options import parse_assignments
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.session.commands.command import Command, needed
from tokgen.session.events import Event, Told
from tokgen.session.node import Node
from tokgen.session.state import State, check_answers
from tokgen.text_model.beginning import told
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import LacksPluginError
from tokgen.training.model_request import SHIPPED, ModelRequest

UNKNOWN = "unknown"
_BEFORE_A_COLUMN = re.compile(r"\s+(?=\S+=)")  # A value may hold spaces.


def _model(state: State, rest: str) -> Iterator[Event]:
    # The options were those of the model before.
    name = needed(rest, ":model NAME", registry.names("models"))
    yield from _reopen(state, model=name, checkpoint=None, options={})


def _corpus(state: State, rest: str) -> Iterator[Event]:
    named, equals, column = needed(rest, ":corpus NAME|FILE", registry.names("corpora")).partition(
        " column="
    )
    try:
        yield from _change_corpus(state, _expanded(named.strip()), column.strip() or None)
    except RequestError as error:
        if error.field != "column" or equals:
            raise
        raise RequestError(f"{error} Type :corpus {named} column=NAME.") from None


def _corpus_by_name(state: State, rest: str) -> Iterator[Event]:
    known = registry.names("corpora")
    if needed(rest, ":corpus NAME", known) not in known:
        raise RequestError(f"There is no corpus {rest!r}.{did_you_mean(rest, known)}")
    yield from _change_corpus(state, rest)


def _change_corpus(state: State, corpus: str, column: str | None = None) -> Iterator[Event]:
    # The columns and rows were those of the corpus before.
    yield from _reopen(state, corpus=corpus, checkpoint=None, where={}, column=column, given=None)


def _expanded(named: str) -> str:
    """A name that may be a path, with what `~` stands for at its beginning."""
    return str(user_path(named)) if named.startswith("~") else named


def _checkpoint(state: State, rest: str) -> Iterator[Event]:
    # A checkpoint has a corpus, rows and options of its own; what is shipped is of the one named.
    file = _expanded(needed(rest, ":checkpoint FILE", _shipped(state)))
    is_shipped = file.split(":")[0] == SHIPPED
    theirs: dict[str, Any] = {"model": None, "column": None, "where": {}, "options": {}}
    corpus = state.request.corpus if is_shipped else None
    try:
        yield from _reopen(state, checkpoint=file, corpus=corpus, **theirs)
    except LacksPluginError as lacks:
        if lacks.field is None:
            raise
        raise RequestError(f"{lacks} A session that has it: tokgen repl --plugin FILE") from None


def _shipped(state: State) -> list[str]:
    """The checkpoints that came with the session's corpus."""
    card = None
    with suppress(RequestError):
        card = state.model.corpus.card
    return [f"{SHIPPED}:{name}" for name in card.checkpoints] if card else []


def _given(state: State, rest: str) -> Iterator[Event]:
    can_be_told = bool(state.model.model.vocabulary.columns)
    if not rest or (rest == UNKNOWN and not can_be_told):
        yield Told(_what_is_given(state.model))
        return
    given = {} if rest == UNKNOWN else _given_now(state.model, rest)
    request = replace(state.request, given=given)
    model = state.model.told(given) if can_be_told else state.open_model(request)
    yield from _go_on_with(state, model, request)


def _given_now(model: TextModel, rest: str) -> dict[str, str]:
    """What was given before and is not given otherwise now, and what was typed."""
    columns = model.model.vocabulary.columns
    typed = parse_assignments(_BEFORE_A_COLUMN.split(rest), "column")
    unknown = {name for name, value in typed.items() if _forgets(value, columns.get(name, ()))}
    return {name: value for name, value in {**model.given, **typed}.items() if name not in unknown}


def _forgets(value: str, values: Sequence[str]) -> bool:
    return value == UNKNOWN and bool(values) and UNKNOWN not in values


def _what_is_given(model: TextModel) -> str:
    """Each column with its value, and the others that it may have."""
    columns = model.model.vocabulary.columns
    if not columns:
        return f"The model {model.metadata.model.name!r} is told no columns."
    told = ((name, model.given.get(name, UNKNOWN), values) for name, values in columns.items())
    return "\n".join(f"{name}={here}  of {', '.join(values)}" for name, here, values in told)


def _reopen(state: State, **changes: Any) -> Iterator[Event]:
    # Where nothing is given, another model need be none that can be told.
    kept = {"given": state.request.given or None}
    request = replace(state.request, **{**kept, **changes})
    yield from _go_on_with(state, state.open_model(request), request)


def _go_on_with(state: State, model: TextModel, request: ModelRequest) -> Iterator[Event]:
    place = _here_in(model, state)
    check_answers(model, state.settings.chain, place)
    state.begin_with(model, request)
    yield state.move(place)


def _here_in(model: TextModel, state: State) -> Node:
    """The present place in another model: by its ids where they mean the same, else by its text."""
    if _is_same(model.tokenizer, state.model.tokenizer):
        return replace(state.place, typed=told(state.place.typed, model.given_ids))
    try:
        return Node(model.given_prefix(state.text()))
    except RequestError:
        return Node(model.given_prefix(""))


def _is_same(first: Tokenizer, second: Tokenizer) -> bool:
    return (
        type(first) is type(second)
        and first.vocabulary == second.vocabulary
        and first.to_json() == second.to_json()
    )


CORPUS_BY_NAME = Command(":corpus NAME", "change the corpus", _corpus_by_name)
OPENING = {
    "model": Command(":model NAME", "change the model", _model),
    "corpus": Command(":corpus NAME|FILE [column=NAME]", "change the corpus", _corpus, True),
    "checkpoint": Command(":checkpoint FILE", "open a checkpoint", _checkpoint, True),
    "given": Command(
        ":given [COLUMN=VALUE … | unknown]",
        "show or set what the model is told; other columns stay as they are, and COLUMN=unknown "
        "forgets one",
        _given,
    ),
}
