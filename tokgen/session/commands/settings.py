"""Commands that set something: samplers, model, seed, order; and files that hold a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tokgen.errors import RequestError, did_you_mean
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import make_sampler, parse_chain
from tokgen.session.commands.command import Command, needed, number, whole
from tokgen.session.events import Comparison, Event, Told
from tokgen.session.file import load_session, save_session
from tokgen.session.state import FIRST_ROWS, Node, State
from tokgen.text_model.text_model import TextModel


def _temp(state: State, rest: str) -> Iterator[Event]:
    temperatures = [number(word, "temperature") for word in rest.split()]
    if not temperatures:
        yield Told(f"temperature {state.temperature:g}")
    elif len(temperatures) == 1:
        others = [
            chained for chained in state.settings.chain.samplers if chained.name != "temperature"
        ]
        link = make_sampler("temperature", {"t": temperatures[0]})
        _set_chain(state, SamplerChain((*others, link)))
        yield state.distribution()
    else:
        chains = [SamplerChain((make_sampler("temperature", {"t": t}),)) for t in temperatures]
        shown = tuple(state.model.next(state.text(), chain) for chain in chains)
        titles = tuple(f"T {t:g}" for t in temperatures)
        yield Comparison(titles, shown, state.settings.sort, state.settings.rows)


def _chain(state: State, rest: str) -> Iterator[Event]:
    _set_chain(state, parse_chain(rest.split()))
    yield state.distribution()


def _set_chain(state: State, chain: SamplerChain) -> None:
    state.model.next(state.text(), chain)
    state.settings = replace(state.settings, chain=chain)


def _model(state: State, rest: str) -> Iterator[Event]:
    yield from _reopen(state, model=needed(rest, ":model NAME"), checkpoint=None)


def _corpus(state: State, rest: str) -> Iterator[Event]:
    yield from _reopen(state, corpus=needed(rest, ":corpus NAME|FILE"), checkpoint=None)


def _checkpoint(state: State, rest: str) -> Iterator[Event]:
    yield from _reopen(state, checkpoint=needed(rest, ":checkpoint FILE"), model=None)


def _reopen(state: State, **changes: str | None) -> Iterator[Event]:
    request = replace(state.request, **changes)  # type: ignore[arg-type]
    model = state.open_model(request)
    text = state.text()
    place = Node(text) if _fits(model, text) else Node()
    state.model, state.request = model, request
    state.places, state.marks = [Node()], {}
    state.draws.clear()
    state.undone.clear()
    yield state.move(place)


def _fits(model: TextModel, text: str) -> bool:
    try:
        model.tokenizer.encode(text)
    except RequestError:
        return False
    return True


def _seed(state: State, rest: str) -> Iterator[Event]:
    if rest:
        state.settings = replace(state.settings, seed=whole(rest, "seed"))
        state.draws.clear()
    yield Told(f"seed {state.settings.seed}")


def _sort(state: State, rest: str) -> Iterator[Event]:
    orders = ("probability", "alphabet")
    if rest not in orders:
        raise RequestError(f"There is no order {rest!r}.{did_you_mean(rest, orders)}")
    state.settings = replace(state.settings, sort=rest)
    yield state.distribution()


def _all(state: State, rest: str) -> Iterator[Event]:
    rows = None if state.settings.rows else FIRST_ROWS
    state.settings = replace(state.settings, rows=rows)
    yield state.distribution()


def _save(state: State, rest: str) -> Iterator[Event]:
    save_session(state, Path(needed(rest, ":save FILE")))
    yield Told(f"saved in {rest}")


def _load(state: State, rest: str) -> Iterator[Event]:
    load_session(state, Path(needed(rest, ":load FILE")))
    yield state.distribution()


SETTING = {
    "temp": Command(":temp T [T …]", "set the temperature; several are compared", _temp),
    "chain": Command(":chain [SAMPLER …]", "set the sampler chain, as top_p:p=0.9", _chain),
    "model": Command(":model NAME", "change the model", _model),
    "corpus": Command(":corpus NAME|FILE", "change the corpus", _corpus),
    "checkpoint": Command(":checkpoint FILE", "open a checkpoint", _checkpoint),
    "seed": Command(":seed [N]", "show or set the seed", _seed),
    "sort": Command(":sort ORDER", "by probability or alphabet", _sort),
    "all": Command(":all", "show all rows, or the first", _all),
    "save": Command(":save FILE", "save the session with its tree", _save),
    "load": Command(":load FILE", "go on with a saved session", _load),
}
