"""Commands that move in the tree: tokens taken, taken back, and places that have a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tokgen.errors import RequestError, did_you_mean
from tokgen.session.commands.command import Command, needed, whole
from tokgen.session.drawing import force, run
from tokgen.session.events import Event, Told, Tree
from tokgen.session.state import State
from tokgen.text_model.results import ranked
from tokgen.text_model.symbols import symbol_meant
from tokgen.text_model.tree import TreeNode, generation_tree
from tokgen.unicode import nfc


def _pick(state: State, rest: str) -> Iterator[Event]:
    order = ranked(state.next().logprobs)
    rank = whole(needed(rest, ":pick RANK"), "rank", least=1)
    if rank > len(order):
        raise RequestError(f"There is no rank {rank}: ranks go from 1 to {len(order)}.")
    yield from force(state, int(order[rank - 1]))


def _force(state: State, rest: str) -> Iterator[Event]:
    vocabulary = state.model.tokenizer.vocabulary
    symbol = symbol_meant(needed(rest, ":force TOKEN"), vocabulary.symbols)
    yield from force(state, vocabulary.id_of(symbol))


def _back(state: State, rest: str) -> Iterator[Event]:
    yield state.back(whole(rest, "number of tokens") if rest else 1)


def _forward(state: State, rest: str) -> Iterator[Event]:
    yield state.forward()


def _run(state: State, rest: str) -> Iterator[Event]:
    yield from run(state)


def _tree(state: State, rest: str) -> Iterator[Event]:
    sizes = [whole(word, "depth or width") for word in rest.split()]
    if len(sizes) > 2:
        raise RequestError(f"A tree has a depth and a width, not {len(sizes)} sizes: {rest!r}.")
    depth, width = (sizes + [2, 3][len(sizes) :])[:2]
    if not (1 <= depth <= 6 and 1 <= width <= 30):
        raise RequestError("A tree is 1 to 6 deep and 1 to 30 wide.")
    root = generation_tree(state.model.tokenizer, state.growth(), depth, width)
    yield Tree(root, dict(_numbered(state, root, len(root.ids))))


def _numbered(state: State, node: TreeNode, depth: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """The ids of each node below, and the number under which one can go to it."""
    for child in node.children:
        if not child.ended:
            drawn = (*state.place.drawn, *child.ids[depth:])
            yield child.ids, state.number(replace(state.place, drawn=drawn))
            yield from _numbered(state, child, depth)


def _go(state: State, rest: str) -> Iterator[Event]:
    mark = nfc(needed(rest, ":go N|MARK"))
    if mark in state.marks:
        yield state.move(state.marks[mark])
        return
    if not rest.removeprefix("-").isdecimal():
        hint = did_you_mean(mark, state.marks) or " :mark NAME makes one."
        raise RequestError(f"There is no mark {mark!r}.{hint}")
    number = whole(rest, "node")
    if not 0 <= number < len(state.places):
        raise RequestError(f"There is no node {number}: they go from 0 to {len(state.places) - 1}.")
    yield state.move(state.places[number])


def _mark(state: State, rest: str) -> Iterator[Event]:
    name = nfc(needed(rest, ":mark NAME"))
    if not re.fullmatch(r"[^\W\d]\w*", name):
        raise RequestError("A mark is a word: :mark NAME.")
    state.marks[name] = state.place
    yield Told(f"{name} marks {state.text()!r}")


def _marks(state: State, rest: str) -> Iterator[Event]:
    lines = [f"{name}  {state.text(place)}" for name, place in state.marks.items()]
    yield Told("\n".join(lines) or "There are no marks.")


WALKING = {
    "pick": Command(":pick RANK", "take the token of this rank", _pick),
    "force": Command(
        ":force TOKEN",
        "take this token, - (or ␃) to end the document; ␣ ⇥ ⏎ (or \\t \\n) are space, tab, line "
        "feed",
        _force,
    ),
    "back": Command(":back [N]", "take tokens back, the end of a document too", _back),
    "forward": Command(":forward", "put back what was taken back", _forward),
    "run": Command(":run", "sample to the end", _run),
    "tree": Command(":tree [DEPTH WIDTH]", "the generation tree from here", _tree),
    "go": Command(":go N|MARK", "jump to a node of the tree or a mark", _go),
    "mark": Command(":mark NAME", "name this place", _mark),
    "marks": Command(":marks", "list the marks", _marks),
}
