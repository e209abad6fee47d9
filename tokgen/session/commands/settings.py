"""Commands that set something: samplers, seed, order, unit; and files that hold a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import get_args

from tokgen.errors import RequestError, did_you_mean
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import first_option, make_sampler, parse_chain
from tokgen.paths import user_path
from tokgen.reading import check_no_checkpoint
from tokgen.session.commands.command import Command, needed, number, whole
from tokgen.session.comparison import Compared, Comparison
from tokgen.session.events import Event, Told
from tokgen.session.file import load_session, save_session
from tokgen.session.state import FIRST_ROWS, Sort, State
from tokgen.unit import Unit

ANOTHER_MODEL = (
    "The model has learnt something else since this session was saved, so its figures differ now."
)
LARGEST_SEED = 2**64 - 1
NO_CHAIN = "none"
USUAL = "usual"


def _temp(state: State, rest: str) -> Iterator[Event]:
    temperatures = [number(word, "temperature") for word in rest.split()]
    if not temperatures:
        yield Told(f"temperature {state.temperature:g}")
    elif len(temperatures) == 1:
        _set_chain(state, _without_neutral(_at(state, temperatures[0])))
        yield state.distribution()
    else:
        shown = [state.next(chain=_at(state, t)) for t in temperatures]
        name = state.model.metadata.model.name
        pairs = zip(shown, temperatures, strict=True)
        columns = tuple(Compared(following, t, name) for following, t in pairs)
        yield Comparison(columns, state.settings.sort, state.settings.rows)


def _at(state: State, temperature: float) -> SamplerChain:
    """The session's chain, which ends with this temperature instead of its own."""
    chained = state.settings.chain.samplers
    others = [each for each in chained if each.sampler.as_temperature is None]
    return SamplerChain((*others, make_sampler("temperature", {"t": temperature})))


def _without_neutral(chain: SamplerChain) -> SamplerChain:
    """The chain without a temperature of 1, which would show the same distribution twice."""
    return (
        chain
        if chain.temperature != 1
        else SamplerChain(
            tuple(each for each in chain.samplers if each.sampler.as_temperature is None)
        )
    )


def _chain(state: State, rest: str) -> Iterator[Event]:
    if not rest:
        links = state.settings.chain.samplers
        written = " ".join(link.written for link in links)
        yield Told(f"chain {written or NO_CHAIN}")
        return
    _set_chain(state, SamplerChain() if rest == NO_CHAIN else parse_chain(_written_links(rest)))
    yield state.distribution()


def _written_links(rest: str) -> list[str]:
    """The samplers that were typed.

    Raises:
        RequestError: an option stands behind a space; how it is written is said.
    """
    words = rest.split()
    for name, option in pairwise(words):
        if "=" in option and ":" not in option.partition("=")[0]:
            joined = f"{name}{',' if ':' in name else ':'}{option}"
            raise RequestError(f"{option!r} is no sampler: an option is written {joined}.")
        if _is_number(option) and (first := first_option(name)):
            raise RequestError(
                f"{option!r} is no sampler: an option is written {name}:{first}={option}."
            )
    return words


def _is_number(word: str) -> bool:
    with suppress(ValueError):
        float(word)
        return True
    return False


def _set_chain(state: State, chain: SamplerChain) -> None:
    state.next(chain=chain)
    state.settings = replace(state.settings, chain=chain)


def _seed(state: State, rest: str) -> Iterator[Event]:
    if rest:
        seed = whole(rest, "seed", LARGEST_SEED)
        state.settings = replace(state.settings, seed=seed)
        state.draws.clear()
    yield Told(f"seed {state.settings.seed}")


def _sort(state: State, rest: str) -> Iterator[Event]:
    orders = {order: order for order in get_args(Sort)}
    if needed(rest, ":sort ORDER", orders) not in orders:
        raise RequestError(f"There is no order {rest!r}.{did_you_mean(rest, orders)}")
    state.settings = replace(state.settings, sort=orders[rest])
    yield state.distribution()


def _unit(state: State, rest: str) -> Iterator[Event]:
    units = [*map(str, Unit), USUAL]
    if rest and rest not in units:
        raise RequestError(f"There is no unit {rest!r}.{did_you_mean(rest, units)}")
    if rest:
        unit = None if rest == USUAL else Unit(rest)
        state.settings = replace(state.settings, unit=unit)
        yield state.distribution()
    else:
        yield Told(f"unit {state.settings.unit or USUAL}")


def _all(state: State, rest: str) -> Iterator[Event]:
    rows = None if state.settings.rows else FIRST_ROWS
    state.settings = replace(state.settings, rows=rows)
    yield state.distribution()


def _save(state: State, rest: str) -> Iterator[Event]:
    path = user_path(needed(rest, ":save FILE"))
    check_no_checkpoint(path)
    save_session(state, path)
    yield Told(f"saved in {rest}")


def _load(state: State, rest: str) -> Iterator[Event]:
    fits = load_session(state, user_path(needed(rest, ":load FILE")))
    if not fits:
        yield Told(ANOTHER_MODEL)
    yield state.distribution()


SETTING = {
    "temp": Command(":temp T [T …]", "set the temperature; several are compared", _temp),
    "chain": Command(
        ":chain [SAMPLER … | none]", "show or set the sampler chain, as top_p:p=0.9", _chain
    ),
    "seed": Command(":seed [N]", "show or set the seed", _seed),
    "sort": Command(":sort ORDER", "by probability or alphabet", _sort),
    "unit": Command(
        f":unit [bits | nats | {USUAL}]", "show or set what information is counted in", _unit
    ),
    "all": Command(":all", "show all rows, or the first", _all),
    "save": Command(":save FILE", "save the session with its tree", _save, True),
    "load": Command(":load FILE", "go on with a saved session", _load, True),
}
