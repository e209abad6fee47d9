"""What `rnn`, `gru` and `lstm` share: a hidden state that each token changes, and a linear output.

    x <- row of the embedding table for the token (and the rows for what is given, added to it)
    state <- cell(W x, U h, state)        a family is its cell
    logits = output . h

Trained with torch (`recurrent_network`), read and sampled here in numpy.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from tokgen.plugin_api import (
    Explanation,
    Field,
    Floats,
    Ints,
    NetworkOptions,
    Prefixes,
    RowProduct,
    State,
    StateModel,
    in_parts,
    normalised,
)

READ_AT_ONCE = 192


class RecurrentOptions(NetworkOptions):
    """Options of each recurrent family."""

    changeable = ("dropout", "precision")

    embedding: int = Field(default=32, ge=1, description="width of the embedding table (K)")
    hidden: int = Field(default=256, ge=1, description="units of the hidden state (H)")
    dropout: float = Field(
        default=0.5, ge=0, lt=1, description="share of hidden units that are left out in training"
    )
    precision: Literal["float64", "float32"] = Field(
        default="float64",
        description="type of the network's numbers after training; float32 takes about six "
        "tenths of the time and changes about one in 100,000 documents of a seed",
    )
    steps: int = Field(
        default=800, ge=0, description="updates at most; 0 leaves the model untrained"
    )
    batch_size: int = Field(default=128, ge=1, description="documents in each update")
    learning_rate: float = Field(
        default=4e-3, gt=0, description="highest learning rate of the schedule"
    )


class RecurrentModel(StateModel):
    """A recurrent network of one layer; a state is (h,) or (h, c), each (S, H).

    Attributes:
        cell: the name of the layer in torch, which begins the names of its weights.
        gates: how many products (G) of H numbers each the cell takes.
        remembers: how many arrays its state has.
        opens: the names of its gates, each with the place of its product among the `gates`.
    """

    reads_given = True
    cell: ClassVar[str]
    gates: ClassVar[int]
    remembers: ClassVar[int] = 1
    opens: ClassVar[Mapping[str, int]] = {}
    Options = RecurrentOptions
    options: RecurrentOptions

    @abstractmethod
    def changed(self, before: State, recurrent: Floats, inputs: Floats, after: State) -> None:
        """Write into `after` (N, H) what follows from `before` (N, H) and both products (N, G*H).

        The products may be written over.
        """

    def learned(self) -> dict[str, tuple[int, ...]]:
        """Weights by torch's names: `embedding.weight` (V, K), `gru.weight_hh_l0` (3H, H), …."""
        options, size, width = self.options, self.vocabulary.size, self.gates * self.options.hidden
        shapes: dict[str, tuple[int, ...]] = {
            "embedding.weight": (size, options.embedding),
            f"{self.cell}.weight_ih_l0": (width, options.embedding),
            f"{self.cell}.weight_hh_l0": (width, options.hidden),
            f"{self.cell}.bias_ih_l0": (width,),
            f"{self.cell}.bias_hh_l0": (width,),
            "output.weight": (size, options.hidden),
            "output.bias": (size,),
        }
        for column, values in enumerate(self.vocabulary.columns.values()):
            shapes[f"given.{column}.weight"] = (len(values) + 1, options.embedding)
        return shapes

    def prepare(self) -> None:
        """Compute in the precision chosen, what an input token adds to the products by look-up."""
        dtype = np.dtype(self.options.precision)
        weights = {name: array.astype(dtype) for name, array in self.weights.items()}
        from_input = weights[f"{self.cell}.weight_ih_l0"].T
        # A token's share is the same wherever it stands: one row a token.
        of_input = RowProduct(from_input)
        self._inputs = of_input(weights["embedding.weight"])  # (V, G*H)
        self._inputs += weights[f"{self.cell}.bias_ih_l0"]
        self._told = [
            of_input(weights[f"given.{column}.weight"])
            for column in range(len(self.vocabulary.columns))
        ]
        self._recurrent = RowProduct(weights[f"{self.cell}.weight_hh_l0"].T)  # (H, G*H)
        self._recurrent_bias = weights[f"{self.cell}.bias_hh_l0"]
        self._output = RowProduct(weights["output.weight"].T)  # (H, V)
        # In float64, and so are logits and all that follows from them.
        self._output_bias = self.weights["output.bias"].astype(np.float64)
        self._output_bias[~self.vocabulary.can_follow] = -np.inf  # A start id never follows.
        self._rooms = threading.local()

    def start(self, given: Ints) -> State:
        """The states (S, H) before a prefix."""
        count, nothing = len(given), self._nothing_read(len(given))
        if self.vocabulary.start_id is not None:
            return nothing
        terminators = np.full(count, self.vocabulary.terminator_id)
        return self.read(nothing, np.arange(count), terminators, given)

    def _nothing_read(self, count: int) -> State:
        shape, dtype = (count, self.options.hidden), self._inputs.dtype
        return tuple(np.zeros(shape, dtype) for _ in range(self.remembers))

    def read(self, state: State, parents: Ints, tokens: Ints, given: Ints) -> State:
        """The states (N, H) of `parents` (N,) after one token (N,) more each."""
        hidden = self.options.hidden
        after = tuple(np.empty_like(array, shape=(len(tokens), hidden)) for array in state)

        def read_part(part: slice, room: Room) -> None:
            rows, count = parents[part], part.stop - part.start
            # A parent's share of the products is the same for all its children.
            first = np.flatnonzero(np.diff(rows, prepend=-1))
            which = np.repeat(np.arange(len(first)), np.diff(first, append=count))
            parent = _taken(state[0], rows[first], room.parents)
            shares = self._recurrent(parent, room.shares[: len(first)])
            shares += self._recurrent_bias
            is_own = len(first) == count
            recurrent = shares if is_own else _taken(shares, which, room.recurrent)
            inputs = _taken(self._inputs, tokens[part], room.inputs)
            for table, values in zip(self._told, given[part].T, strict=True):
                inputs += table[values]
            before = tuple(
                _taken(array, rows, place) for array, place in zip(state, room.before, strict=True)
            )
            self.changed(before, recurrent, inputs, tuple(array[part] for array in after))

        in_parts(read_part, len(tokens), READ_AT_ONCE, self._room)
        return after

    def _room(self) -> Room:
        """The room of the thread that asks: it keeps it from one token to the next."""
        room: Room | None = getattr(self._rooms, "room", None)
        if room is None:
            width = self.gates * self.options.hidden
            room = Room.of(self.options.hidden, width, self.remembers, self._inputs.dtype)
            self._rooms.room = room
        return room

    def logprobs_of(self, state: State) -> Floats:
        """Log-probabilities (S, V) of the next token, nats."""
        logprobs = np.empty((len(state[0]), self.vocabulary.size))

        def judge(part: slice, room: None) -> None:
            logprobs[part] = normalised(self._logits(state[0][part]))

        in_parts(judge, len(logprobs), READ_AT_ONCE, lambda: None)
        return logprobs

    def _logits(self, hidden: Floats) -> Floats:
        return self._output(hidden) + self._output_bias

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """The gates at each token; the hidden state, logits and softmax after the last one."""
        symbols, state = self.vocabulary.symbols, self.states_after(prefixes)
        logits = self._logits(state[0])[0]
        size, hidden = len(symbols), self.options.hidden
        return [
            *self._gates_at_each_token(prefixes),
            Explanation(f"hidden state of the {self.cell}", state[0][0]),
            Explanation(f"logits: W h + b, W {size} × {hidden}", logits, symbols),
            Explanation("softmax", np.exp(normalised(logits)), symbols),
        ]

    def _gates_at_each_token(self, prefixes: Prefixes) -> list[Explanation]:
        """How far each gate was open (0 to 1), on average over its units, as a token was read."""
        if not self.opens:
            return []
        begun = () if self.vocabulary.start_id is not None else (self.vocabulary.terminator_id,)
        tokens, given = [*begun, *prefixes[0]], prefixes.given[:1]
        first, state, opened = np.zeros(1, np.int64), self._nothing_read(1), []
        for token in tokens:
            products = self._recurrent(state[0]) + self._recurrent_bias + self._inputs[token]
            for table, value in zip(self._told, given[0], strict=True):
                products = products + table[value]
            gates = products.reshape(self.gates, -1)[list(self.opens.values())]
            # The logistic function, which cannot overflow so.
            opened.append((np.tanh(gates / 2) + 1).mean(axis=1) / 2)
            state = self.read(state, first, first + token, given)
        symbols = tuple(self.vocabulary.symbols[token] for token in tokens)
        name = "how far the gates were open at each token, from 0 to 1, on average"
        return [Explanation(name, np.array(opened), symbols, tuple(self.opens))]


@dataclass(frozen=True, eq=False)
class Room:
    """Where a part of the states is computed: fresh arrays would take longer than the arithmetic.

    Shapes: `parents` and each of `before` (N, H), the others (N, G*H).
    """

    parents: Floats
    before: State
    shares: Floats
    recurrent: Floats
    inputs: Floats

    @classmethod
    def of(cls, hidden: int, width: int, remembers: int, dtype: np.dtype[Any]) -> Room:
        """Room for the largest part."""
        parents, *before = (np.empty((READ_AT_ONCE, hidden), dtype) for _ in range(remembers + 1))
        products = (np.empty((READ_AT_ONCE, width), dtype) for _ in range(3))
        return cls(parents, tuple(before), *products)


def _taken(rows: Floats, which: Ints, room: Floats) -> Floats:
    """`rows[which]` (N, W), written into the first N rows of the room."""
    # With a mode, `take` writes at once; by default it keeps a copy in case an index is wrong.
    return np.take(rows, which, axis=0, out=room[: len(which)], mode="clip")
