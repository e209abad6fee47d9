"""StateModel: a network that reads one token after the other and keeps a state of what it has read.

An author writes `start`, `read` and `logprobs_of`, in numpy; decoding, branching, joining and the
distributions after whole prefixes follow from them. Equal prefixes share one state.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints
from tokgen.plugin_api.decoder import Decoder
from tokgen.plugin_api.network_model import NetworkModel
from tokgen.plugin_api.prefixes import Prefixes

State = tuple[NDArray[Any], ...]


class StateModel(NetworkModel):
    """A network that computes the next distribution from a state, which each token changes.

    A state is a tuple of arrays, rows first: (S, …); the tuple has the same length whatever was
    read. Rows never mix. The second axis may grow with what is read (keys and values of an
    attention): rows that have read less are then zero at its end.

    Attributes:
        reads_on: whether there is a `read_on`; no array of a state may then stand anywhere else.
    """

    reads_on = False
    context_length = None
    batch_invariant = True
    pads_with_terminators = False

    @abstractmethod
    def start(self, given: Ints) -> State:
        """The states (S, …) before the first token, where these columns (S, C) are given.

        Without a start id these are the states after the terminator.
        """

    @abstractmethod
    def read(self, state: State, parents: Ints, tokens: Ints, given: Ints) -> State:
        """The states (N, …) of the rows `parents` (N,) after one token (N,) more each.

        The parents ascend, so that equal ones stand side by side. `given` (N, C) goes with them.
        """

    def read_on(self, state: State, tokens: Ints, given: Ints) -> State:
        """The states (S, …) of all rows after one token (S,) more each, as `read` gives them.

        Nobody needs `state` any longer, so that a model whose states are large can write into its
        arrays instead of copying them.
        """
        raise NotImplementedError

    @abstractmethod
    def logprobs_of(self, state: State) -> Floats:
        """Log-probabilities (S, V) of the next token, nats."""

    def states_after(self, prefixes: Prefixes) -> State:
        """The states (B, …) after each prefix."""
        state, _, rows = _after(self, prefixes)
        return _selected(state, rows)

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V)."""
        return self.decoder(prefixes).logprobs()

    def decoder(self, prefixes: Prefixes) -> Decoder:
        """A decoder that keeps the states."""
        return StateDecoder(self, prefixes)


class StateDecoder(Decoder):
    """Keeps one state for each different sequence, and which of them each row has."""

    def __init__(self, model: StateModel, prefixes: Prefixes) -> None:
        self._model = model
        self._state, self._given, self._nodes = _after(model, prefixes)
        self._is_shared = False

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V)."""
        return self._model.logprobs_of(self._state)[self._nodes]

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Read a token into each selected state."""
        size = self._model.vocabulary.size
        before, added, nodes = _distinct(self._nodes[parents], tokens, size)
        if not self._model.reads_on or self._is_shared or (np.diff(before) == 0).any():
            self._given, self._nodes = self._given[before], nodes
            self._state = self._model.read(self._state, before, added, self._given)
            self._is_shared = False
            return
        places = _move_together(self._state, before)
        self._given, self._nodes = self._given[before[places]], np.argsort(places)[nodes]
        there = tuple(array[: len(before)] for array in self._state)
        self._state = self._model.read_on(there, added[places], self._given)

    def join(self, prefixes: Prefixes) -> None:
        """Add the states after more prefixes."""
        state, given, nodes = _after(self._model, prefixes)
        self._nodes = np.concatenate([self._nodes, nodes + len(self._given)])
        self._given = np.concatenate([self._given, given])
        self._state = _joined([self._state, state])
        self._is_shared = False

    def copy(self) -> Self:
        """Both go on from the same states, and neither may write into them."""
        self._is_shared = True
        return super().copy()


def _move_together(state: State, kept: Ints) -> Ints:
    """Move the rows `kept` (N,) of a state, ascending, to its first N places.

    As few as can be are moved: each of those behind N takes the place of one that is not kept.
    Returns for each of these places (N,) which of the kept rows stands there.
    """
    count = len(kept)
    places = np.full(count, -1)
    staying = np.searchsorted(kept, count)
    places[kept[:staying]] = np.arange(staying)
    free, moving = np.flatnonzero(places < 0), np.arange(staying, count)
    places[free] = moving
    for array in state:
        array[free] = array[kept[moving]]
    return places


def _selected(state: State, rows: Ints) -> State:
    return tuple(array[rows] for array in state)


def _after(model: StateModel, prefixes: Prefixes) -> tuple[State, Ints, Ints]:
    """The states after the different prefixes, what is given to them, and each row's state (B,)."""
    given, nodes = np.unique(prefixes.given, axis=0, return_inverse=True)
    state, nodes = model.start(given), nodes.reshape(-1)
    places, count = np.empty(len(prefixes), np.int64), 0
    states, all_given = [_selected(state, nodes[:0])], [given[:0]]
    width = prefixes.ids.shape[1]
    for position in range(width + 1):
        ended = np.flatnonzero(prefixes.lengths == position)
        last, which = np.unique(nodes[ended], return_inverse=True)
        places[ended] = which.reshape(-1) + count
        states.append(_selected(state, last))
        all_given.append(given[last])
        count += len(last)
        going_on = np.flatnonzero(prefixes.lengths > position)
        if not len(going_on):
            break
        read = prefixes.ids[going_on, width - prefixes.lengths[going_on] + position]
        before, added, nodes[going_on] = _distinct(nodes[going_on], read, model.vocabulary.size)
        given = given[before]
        state = model.read(state, before, added, given)
    return _joined(states), np.concatenate(all_given), places


def _distinct(nodes: Ints, tokens: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """The different pairs of node and token in order, and which of them each is."""
    pairs, rows = np.unique(nodes * size + tokens, return_inverse=True)
    return pairs // size, pairs % size, rows.reshape(-1)


def _joined(states: list[State]) -> State:
    """The rows of all states, zeros behind a shorter second axis."""
    return tuple(_stacked(list(arrays)) for arrays in zip(*states, strict=True))


def _stacked(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    if arrays[0].ndim > 2:
        width = max(array.shape[1] for array in arrays)
        behind = [(0, 0)] * (arrays[0].ndim - 2)
        arrays = [np.pad(each, [(0, 0), (0, width - each.shape[1]), *behind]) for each in arrays]
    return np.concatenate(arrays)
