"""CNN: causal convolutions whose steps back double from layer to layer (WaveNet, Oord et al. 2016).

    x <- embedding of the token
    in layer i      both = W [x 2^i tokens before, x]          the filter and the gate
                    out  = tanh(filter) * sigmoid(gate)
                    x    <- x + residual part of M out;    skip <- skip + skip part of M out
    logits = output . relu(skip)

With L layers it sees 2^L tokens, at the cost of L products. What stands before the first token is
zero in each layer. Trained with torch (`cnn_network`), read and sampled here in numpy, where the
state of a text is what each layer will look back at.
"""

from __future__ import annotations

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
BEFORE_ALL = "(before)"


class CNN(StateModel):
    """A convolutional network: each further layer doubles the number of tokens that it sees."""

    reads_given = True

    class Options(NetworkOptions):
        """Options of `cnn`."""

        changeable = ("dropout",)

        channels: int = Field(default=96, ge=1, description="numbers that each layer reads (C)")
        layers: int = Field(
            default=4, ge=1, le=10, description="layers (L); the model sees 2^L tokens"
        )
        dropout: float = Field(
            default=0.3, ge=0, lt=1, description="share of units that are left out in training"
        )
        steps: int = Field(
            default=1200, ge=0, description="updates at most; 0 leaves the model untrained"
        )
        batch_size: int = Field(default=128, ge=1, description="documents in each update")
        learning_rate: float = Field(
            default=3e-3, gt=0, description="highest learning rate of the schedule"
        )

    options: Options

    @property
    def context_length(self) -> int:  # type: ignore[override]
        """2^layers: each layer doubles what the one before it sees."""
        return 1 << self.options.layers

    @classmethod
    def torch_model(cls) -> type[TorchModel]:
        """The same network in torch."""
        from tokgen_models.cnn_network import TorchCNN

        return TorchCNN

    def learned(self) -> dict[str, tuple[int, ...]]:
        """Weights by torch's names; a convolution of two taps is (2C, 2C): before, then now."""
        size, channels = self.vocabulary.size, self.options.channels
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (size, channels)}
        for layer in range(self.options.layers):
            shapes[f"layers.{layer}.both.weight"] = (2 * channels, 2 * channels)
            shapes[f"layers.{layer}.both.bias"] = (2 * channels,)
            shapes[f"layers.{layer}.mixed.weight"] = (2 * channels, channels)
            shapes[f"layers.{layer}.mixed.bias"] = (2 * channels,)
        for column, values in enumerate(self.vocabulary.columns.values()):
            shapes[f"given.{column}.weight"] = (len(values) + 1, channels)
        return {**shapes, "output.weight": (size, channels), "output.bias": (size,)}

    def prepare(self) -> None:
        """Compute in float64; a start id never follows."""
        weights = {name: array.astype(np.float64) for name, array in self.weights.items()}
        self._table = weights["embedding.weight"]
        self._told = [weights[f"given.{c}.weight"] for c in range(len(self.vocabulary.columns))]
        layers = [f"layers.{layer}" for layer in range(self.options.layers)]
        self._both = [RowProduct(weights[f"{each}.both.weight"].T) for each in layers]
        self._both_bias = [weights[f"{each}.both.bias"] for each in layers]
        self._mixed = [RowProduct(weights[f"{each}.mixed.weight"].T) for each in layers]
        self._mixed_bias = [weights[f"{each}.mixed.bias"] for each in layers]
        self._output = RowProduct(weights["output.weight"].T)
        self._output_bias = weights["output.bias"]
        self._output_bias[~self.vocabulary.can_follow] = -np.inf

    def start(self, given: Ints) -> State:
        """The sums of skips (S, C), and what each layer i has read of late (S, 2^i, C)."""
        count, unread = len(given), self._unread(len(given))
        if self.vocabulary.start_id is not None:
            return unread
        terminators = np.full(count, self.vocabulary.terminator_id)
        return self.read(unread, np.arange(count), terminators, given)

    def _unread(self, count: int) -> State:
        channels = self.options.channels
        behind = (np.zeros((count, 1 << i, channels)) for i in range(self.options.layers))
        return (np.zeros((count, channels)), *behind)

    def read(self, state: State, parents: Ints, tokens: Ints, given: Ints) -> State:
        """The states of `parents` (N,) after one token (N,) more each."""
        after = tuple(np.empty((len(tokens), *array.shape[1:])) for array in state)

        def read_part(part: slice, room: None) -> None:
            x, skips = self._table[tokens[part]], after[0][part]
            for table, values in zip(self._told, given[part].T, strict=True):
                x = x + table[values]
            skips[:] = 0
            for layer in range(self.options.layers):
                before, now = state[layer + 1][parents[part]], after[layer + 1][part]
                now[:, :-1], now[:, -1] = before[:, 1:], x
                residual, skip = self._layer(layer, before[:, 0], x)
                skips += skip
                x = x + residual

        in_parts(read_part, len(tokens), READ_AT_ONCE, lambda: None)
        return after

    def _layer(self, layer: int, before: Floats, now: Floats) -> tuple[Floats, Floats]:
        """What a layer adds to its input (N, C) and to the sum of skips (N, C)."""
        both = self._both[layer](np.concatenate([before, now], axis=1)) + self._both_bias[layer]
        filtered, gate = np.split(both, 2, axis=1)
        with np.errstate(over="ignore"):  # 1 / inf is the right gate: closed.
            out = np.tanh(filtered) / (1 + np.exp(-gate))
        mixed = self._mixed[layer](out) + self._mixed_bias[layer]
        residual, skip = np.split(mixed, 2, axis=1)
        return residual, skip

    def logprobs_of(self, state: State) -> Floats:
        """Log-probabilities (S, V) of the next token, nats."""
        return normalised(self._logits(state[0]))

    def _logits(self, skips: Floats) -> Floats:
        return self._output(np.maximum(skips, 0)) + self._output_bias

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """The two places that each layer reads, the sum of the layers, logits and softmax."""
        symbols, first, given = self.vocabulary.symbols, np.zeros(1, np.int64), prefixes.given[:1]
        begun = () if self.vocabulary.start_id is not None else (self.vocabulary.terminator_id,)
        tokens = [*begun, *prefixes[0]]
        before, after = self._unread(1), self._unread(1)
        for token in tokens:
            before, after = after, self.read(after, first, first + token, given)
        logits, channels = self._logits(after[0])[0], self.options.channels
        steps = []
        for number in range(self.options.layers):
            back = 1 << number
            taps = np.stack([before[number + 1][0, 0], after[number + 1][0, -1]])
            far = symbols[tokens[-1 - back]] if back < len(tokens) else BEFORE_ALL
            here = symbols[tokens[-1]] if tokens else BEFORE_ALL
            name = f"layer {number + 1}: tanh(F x) · σ(G x), F and G {channels} × {2 * channels}"
            steps.append(Explanation(f"{name}, x from {back} back and here", taps, (far, here)))
        return [
            *steps,
            Explanation("sum s of what the layers pass to the end", after[0][0]),
            Explanation(f"logits: W max(s, 0) + b, W {len(symbols)} × {channels}", logits, symbols),
            Explanation("softmax", np.exp(normalised(logits)), symbols),
        ]
