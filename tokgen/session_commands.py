"""The commands of a session: how each is written, what it means, and the function that does it."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tokgen.analysis import analyze
from tokgen.chain_syntax import make_link, parse_chain
from tokgen.conditions import Conditions
from tokgen.errors import RequestError, did_you_mean
from tokgen.sampler import SamplerChain
from tokgen.session_events import (
    Best,
    Comparison,
    Event,
    Explained,
    Left,
    Names,
    Scored,
    Told,
    Tree,
)
from tokgen.session_file import load_session, save_session
from tokgen.session_state import FIRST_ROWS, Place, State
from tokgen.text_model import TextModel
from tokgen.tree import TreeNode, generation_tree


@dataclass(frozen=True)
class Command:
    """One command, for `:help`, completion and dispatch."""

    usage: str
    meaning: str
    run: Callable[[State, str], Iterator[Event]]


def _temp(state: State, rest: str) -> Iterator[Event]:
    temperatures = [_number(word, "temperature") for word in rest.split()]
    if not temperatures:
        yield Told(f"temperature {state.temperature:g}")
    elif len(temperatures) == 1:
        others = [link for link in state.settings.chain.links if link.name != "temperature"]
        link = make_link("temperature", {"t": temperatures[0]})
        _set_chain(state, SamplerChain((*others, link)))
        yield state.distribution()
    else:
        chains = [SamplerChain((make_link("temperature", {"t": t}),)) for t in temperatures]
        shown = tuple(state.model.next(state.text(), chain) for chain in chains)
        titles = tuple(f"T {t:g}" for t in temperatures)
        yield Comparison(titles, shown, state.settings.sort, state.settings.rows)


def _chain(state: State, rest: str) -> Iterator[Event]:
    _set_chain(state, parse_chain(rest.split()))
    yield state.distribution()


def _set_chain(state: State, chain: SamplerChain) -> None:
    state.model.next(state.text(), chain)
    state.settings = replace(state.settings, chain=chain)


def _pick(state: State, rest: str) -> Iterator[Event]:
    order = np.argsort(-state.distribution().next.logprobs, kind="stable")
    rank = _whole(rest, "rank")
    if not 1 <= rank <= len(order):
        raise RequestError(f"There is no rank {rank}: ranks go from 1 to {len(order)}.")
    yield from state.force(int(order[rank - 1]))


def _force(state: State, rest: str) -> Iterator[Event]:
    symbols = state.model.tokenizer.symbols
    if rest not in symbols:
        raise RequestError(f"There is no token {rest!r}.{did_you_mean(rest, symbols)}")
    yield from state.force(symbols.index(rest))


def _back(state: State, rest: str) -> Iterator[Event]:
    yield state.back(_whole(rest, "number of tokens") if rest else 1)


def _forward(state: State, rest: str) -> Iterator[Event]:
    yield state.forward()


def _run(state: State, rest: str) -> Iterator[Event]:
    yield from state.run()


def _names(state: State, rest: str) -> Iterator[Event]:
    count = _whole(rest, "number of names") if rest else 10
    documents = state.model.generate(
        count,
        prefix=state.text(),
        seed=state.settings.seed,
        samplers=state.settings.chain,
    )
    yield Names(tuple(documents))


def _top(state: State, rest: str) -> Iterator[Event]:
    count = _whole(rest, "number of names") if rest else 10
    found = state.model.top(state.text(), state.settings.chain)
    yield Best(tuple(itertools.islice(found, count)))


def _analyze(state: State, rest: str) -> Iterator[Event]:
    figures = analyze(state.model, state.settings.chain, Conditions())
    figures.pop("lengths")
    lines = [f"{key.replace('_', ' ')}  {value}" for key, value in figures.items()]
    yield Told("\n".join(lines))


def _tree(state: State, rest: str) -> Iterator[Event]:
    sizes = [_whole(word, "depth or width") for word in rest.split()]
    depth, width = (sizes + [2, 3][len(sizes) :])[:2]
    if not (1 <= depth <= 6 and 1 <= width <= 30):
        raise RequestError("A tree is 1 to 6 deep and 1 to 30 wide.")
    root = generation_tree(state.model, state.text(), state.settings.chain, depth, width)
    numbers: dict[str, int] = {}
    _number_nodes(state, root, state.place, numbers)
    yield Tree(root, numbers)


def _number_nodes(state: State, node: TreeNode, place: Place, numbers: dict[str, int]) -> None:
    for child in node.children:
        if not child.ended:
            token = state.model.tokenizer.symbols.index(child.token)
            below = replace(place, drawn=(*place.drawn, token))
            numbers[child.text] = state.number(below)
            _number_nodes(state, child, below, numbers)


def _go(state: State, rest: str) -> Iterator[Event]:
    if rest in state.marks:
        yield state.move(state.marks[rest])
        return
    number = _whole(rest, "node or mark")
    if not 0 <= number < len(state.places):
        raise RequestError(f"There is no node {number}: they go from 0 to {len(state.places) - 1}.")
    yield state.move(state.places[number])


def _mark(state: State, rest: str) -> Iterator[Event]:
    if not re.fullmatch(r"[^\W\d]\w*", rest):
        raise RequestError("A mark is a word: :mark NAME.")
    state.marks[rest] = state.place
    yield Told(f"{rest} marks {state.text()!r}")


def _marks(state: State, rest: str) -> Iterator[Event]:
    lines = [f"{name}  {state.text(place)}" for name, place in state.marks.items()]
    yield Told("\n".join(lines) or "There are no marks.")


def _why(state: State, rest: str) -> Iterator[Event]:
    steps = state.model.explain(state.text())
    yield Explained(state.distribution().next.context, tuple(steps))


def _score(state: State, rest: str) -> Iterator[Event]:
    yield Scored(state.model.score(rest or state.text()))


def _compare(state: State, rest: str) -> Iterator[Event]:
    if not rest:
        raise RequestError("Compare with which model? :compare MODEL")
    other = state.open_model(replace(state.request, model=rest, checkpoint=None))
    ours, theirs = state.model.next(state.text()), other.next(state.text())
    if ours.symbols != theirs.symbols:
        raise RequestError(f"{rest!r} has other tokens than this model.")
    bits = float((np.exp(ours.logprobs) * (ours.logprobs - theirs.logprobs)).sum()) / math.log(2)
    note = f"KL divergence of the next token {bits:.4f} bits"
    titles = (state.model.metadata.model.name, rest)
    settings = state.settings
    yield Comparison(titles, (ours, theirs), settings.sort, settings.rows, note)


def _reopen(state: State, **changes: str | None) -> Iterator[Event]:
    request = replace(state.request, **changes)  # type: ignore[arg-type]
    model = state.open_model(request)
    text = state.text()
    place = Place(text) if _fits(model, text) else Place()
    state.model, state.request = model, request
    state.places, state.marks = [Place()], {}
    state.draws.clear()
    state.undone.clear()
    yield state.move(place)


def _fits(model: TextModel, text: str) -> bool:
    try:
        model.tokenizer.encode(text)
    except RequestError:
        return False
    return True


def _model(state: State, rest: str) -> Iterator[Event]:
    yield from _reopen(state, model=_needed(rest, ":model NAME"), checkpoint=None)


def _corpus(state: State, rest: str) -> Iterator[Event]:
    yield from _reopen(state, corpus=_needed(rest, ":corpus NAME|FILE"), checkpoint=None)


def _checkpoint(state: State, rest: str) -> Iterator[Event]:
    yield from _reopen(state, checkpoint=_needed(rest, ":checkpoint FILE"), model=None)


def _seed(state: State, rest: str) -> Iterator[Event]:
    if rest:
        state.settings = replace(state.settings, seed=_whole(rest, "seed"))
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
    save_session(state, Path(_needed(rest, ":save FILE")))
    yield Told(f"saved in {rest}")


def _load(state: State, rest: str) -> Iterator[Event]:
    load_session(state, Path(_needed(rest, ":load FILE")))
    yield state.distribution()


def _help(state: State, rest: str) -> Iterator[Event]:
    if rest:
        name = rest.removeprefix(":")
        if name not in COMMANDS:
            raise RequestError(f"There is no command :{name}.{did_you_mean(name, COMMANDS)}")
        yield Told(f"{COMMANDS[name].usage}  {COMMANDS[name].meaning}")
        return
    width = max(len(command.usage) for command in COMMANDS.values())
    lines = [f"{command.usage:<{width}}  {command.meaning}" for command in COMMANDS.values()]
    yield Told("\n".join(["type a prefix to see what may follow; Enter samples a token", *lines]))


def _quit(state: State, rest: str) -> Iterator[Event]:
    yield Left()


def _needed(rest: str, usage: str) -> str:
    if not rest:
        raise RequestError(f"Something is missing: {usage}")
    return rest


def _whole(text: str, what: str) -> int:
    if not text.isdecimal():
        raise RequestError(f"A {what} is a whole number, not {text!r}.")
    return int(text)


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RequestError(f"A {what} is a number, not {text!r}.") from None


COMMANDS = {
    "pick": Command(":pick RANK", "take the token of this rank", _pick),
    "force": Command(":force TOKEN", "take this token; - ends the document", _force),
    "back": Command(":back [N]", "take tokens back", _back),
    "forward": Command(":forward", "put back what was taken back", _forward),
    "run": Command(":run", "sample to the end", _run),
    "names": Command(":names [N]", "generate documents from here", _names),
    "top": Command(":top [N]", "the most probable documents from here, exactly", _top),
    "temp": Command(":temp T [T …]", "set the temperature; several are compared", _temp),
    "chain": Command(":chain [SAMPLER …]", "set the sampler chain, as top_p:p=0.9", _chain),
    "why": Command(":why", "how the model comes to this distribution", _why),
    "tree": Command(":tree [DEPTH WIDTH]", "the generation tree from here", _tree),
    "go": Command(":go N|MARK", "jump to a node of the tree or a mark", _go),
    "mark": Command(":mark NAME", "name this place", _mark),
    "marks": Command(":marks", "list the marks", _marks),
    "score": Command(":score [TEXT]", "surprisal of each token", _score),
    "analyze": Command(":analyze", "exact figures of the model", _analyze),
    "compare": Command(":compare MODEL", "two models side by side", _compare),
    "model": Command(":model NAME", "change the model", _model),
    "corpus": Command(":corpus NAME|FILE", "change the corpus", _corpus),
    "checkpoint": Command(":checkpoint FILE", "open a checkpoint", _checkpoint),
    "seed": Command(":seed [N]", "show or set the seed", _seed),
    "sort": Command(":sort ORDER", "by probability or alphabet", _sort),
    "all": Command(":all", "show all rows, or the first", _all),
    "save": Command(":save FILE", "save the session with its tree", _save),
    "load": Command(":load FILE", "go on with a saved session", _load),
    "help": Command(":help [COMMAND]", "show this", _help),
    "quit": Command(":quit", "leave", _quit),
}
