"""GRU: a recurrent network (Cho et al. 2014); all tokens before matter, there is no window.

    h  <- (1 - z) * n + z * h      z = sigmoid(Wz x + Uz h),  r = sigmoid(Wr x + Ur h)
                                   n = tanh(Wn x + r * (Un h))
    logits = W h

Trained with torch (`gru_network`), read and sampled here in numpy. Of the paper's two forms this is
the one that resets after the multiplication, as torch and cuDNN compute it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from tokgen.plugin_api import TorchModel

READ_AT_ONCE = 192


class GRU(StateModel):
    """Next token from a hidden state that has read all tokens before."""

    class Options(NetworkOptions):
        """Options of `gru`."""

        embedding: int = Field(default=32, ge=1, description="width of the embedding table (K)")
        hidden: int = Field(default=256, ge=1, description="units of the hidden state (H)")
        dropout: float = Field(default=0.5, ge=0, lt=1, description="of hidden units, in training")
        steps: int = Field(default=800, ge=1, description="updates at most")
        batch_size: int = Field(default=128, ge=1, description="documents in an update")
        learning_rate: float = Field(default=4e-3, gt=0, description="at its peak")

    options: Options

    @classmethod
    def torch_model(cls) -> type[TorchModel]:
        """The same network in torch."""
        from tokgen_models.gru_network import TorchGRU

        return TorchGRU

    def learned(self) -> dict[str, tuple[int, ...]]:
        """Weights by torch's names: `embedding.weight` (V, K), `gru.weight_hh_l0` (3H, H), …."""
        options, size, gates = self.options, self.vocabulary.size, 3 * self.options.hidden
        return {
            "embedding.weight": (size, options.embedding),
            "gru.weight_ih_l0": (gates, options.embedding),
            "gru.weight_hh_l0": (gates, options.hidden),
            "gru.bias_ih_l0": (gates,),
            "gru.bias_hh_l0": (gates,),
            "output.weight": (size, options.hidden),
            "output.bias": (size,),
        }

    def prepare(self) -> None:
        """Compute in float64, what an input token adds to the gates by look-up.

        A start id never follows.
        """
        hidden = self.options.hidden
        weights = {name: array.astype(np.float64) for name, array in self.weights.items()}
        recurrent_bias = weights["gru.bias_hh_l0"].copy()
        # A token's share of the gates is the same wherever it stands: one row a token.
        inputs = weights["embedding.weight"] @ weights["gru.weight_ih_l0"].T  # (V, 3H)
        inputs += weights["gru.bias_ih_l0"]
        # The gates' bias is theirs whoever brings it; the new state's is reset with its product.
        inputs[:, : 2 * hidden] += recurrent_bias[: 2 * hidden]
        # A gate is 1 / (1 + exp(-x)): reset and update are kept as -x.
        signs = np.repeat([-1.0, -1.0, 1.0], hidden)
        self._inputs = inputs * signs
        # (H, 3H): reset, update, new
        self._recurrent = RowProduct(weights["gru.weight_hh_l0"].T * signs)
        self._recurrent_bias = recurrent_bias[2 * hidden :]
        self._output = RowProduct(weights["output.weight"].T)  # (H, V)
        self._output_bias = weights["output.bias"]
        self._output_bias[~self.vocabulary.can_follow] = -np.inf

    def start(self, given: Ints) -> State:
        """The hidden states (S, H) before a prefix."""
        nothing, count = np.zeros((len(given), self.options.hidden)), len(given)
        if self.vocabulary.start_id is not None:
            return (nothing,)
        terminators = np.full(count, self.vocabulary.terminator_id)
        return self.read((nothing,), np.arange(count), terminators, given)

    def read(self, state: State, parents: Ints, tokens: Ints, given: Ints) -> State:
        """The hidden states (N, H) of `parents` (N,) after one token (N,) more each."""
        (states,) = state
        result = np.empty((len(tokens), self.options.hidden))

        def read_part(part: slice, room: Room) -> None:
            self._read(states, parents[part], tokens[part], room, result[part])

        in_parts(read_part, len(tokens), READ_AT_ONCE, lambda: Room.of(self.options.hidden))
        return (result,)

    def _read(
        self, states: Floats, parents: Ints, tokens: Ints, room: Room, result: Floats
    ) -> None:
        """The formulas above, in place: fresh arrays would take longer than the arithmetic."""
        size, count = self.options.hidden, len(tokens)
        # A parent's share of the gates is the same for all its children.
        first = np.flatnonzero(np.diff(parents, prepend=-1))
        which = np.repeat(np.arange(len(first)), np.diff(first, append=count))
        before = _taken(states, parents[first], room.states)  # (P, H)
        shares = self._recurrent(before, room.shares[: len(first)])  # (P, 3H)
        shares[:, 2 * size :] += self._recurrent_bias
        recurrent = _taken(shares, which, room.recurrent)  # (B, 3H)
        inputs = _taken(self._inputs, tokens, room.inputs)  # (B, 3H)
        gates, new = inputs[:, : 2 * size], recurrent[:, 2 * size :]
        gates += recurrent[:, : 2 * size]
        with np.errstate(over="ignore"):  # 1 / inf is the right gate: closed.
            np.exp(gates, out=gates)
        gates += 1  # 1 / reset and 1 / update
        new /= gates[:, :size]
        new += inputs[:, 2 * size :]
        np.tanh(new, out=new)
        _taken(before, which, result)
        result -= new
        result /= gates[:, size:]
        result += new

    def logprobs_of(self, state: State) -> Floats:
        """Log-probabilities (S, V) of the next token, nats."""
        (states,) = state
        logprobs = np.empty((len(states), self.vocabulary.size))

        def judge(part: slice, room: None) -> None:
            logprobs[part] = normalised(self._logits(states[part]))

        in_parts(judge, len(states), READ_AT_ONCE, lambda: None)
        return logprobs

    def _logits(self, states: Floats) -> Floats:
        return self._output(states) + self._output_bias

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """The hidden state, logits and softmax after the last token."""
        symbols, (states,) = self.vocabulary.symbols, self.states_after(prefixes)
        logits = self._logits(states)[0]
        return [
            Explanation("hidden state", states[0]),
            Explanation("logits", logits, symbols),
            Explanation("softmax", np.exp(normalised(logits)), symbols),
        ]


@dataclass(frozen=True, eq=False)
class Room:
    """Where a part of the states is computed. Shapes: `states` (B, H), the others (B, 3H)."""

    states: Floats
    shares: Floats
    recurrent: Floats
    inputs: Floats

    @classmethod
    def of(cls, hidden: int) -> Room:
        """Room for the largest part."""
        widths = (hidden, 3 * hidden, 3 * hidden, 3 * hidden)
        return cls(*(np.empty((READ_AT_ONCE, width)) for width in widths))


def _taken(rows: Floats, which: Ints, room: Floats) -> Floats:
    """`rows[which]` (B, W), written into the first B rows of the room."""
    # With a mode, `take` writes at once; by default it keeps a copy in case an index is wrong.
    return np.take(rows, which, axis=0, out=room[: len(which)], mode="clip")
