"""Transformer: attention over all tokens before (Vaswani et al. 2017), as Llama has it.

    x <- embedding of the token
    in each layer   x <- x + attention(norm x)      each head weighs what stood before
                    x <- x + down(silu(gate norm x) * up norm x)
    logits = embedding table . norm x

RMSNorm (Zhang & Sennrich 2019), rotary positions (Su et al. 2021; halves turned, base 10,000),
SwiGLU (Shazeer 2020), no biases, the table as head (Press & Wolf 2017). The tensors have the names
of Hugging Face's `LlamaForCausalLM`, which gives the same numbers with them. Trained with torch
(`transformer_network`), read and sampled here in numpy; `transformer_layers` has the arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import model_validator

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
from tokgen_models.transformer_layers import Layer, normed, rotations

if TYPE_CHECKING:
    from tokgen.plugin_api import TorchModel

READ_AT_ONCE = 96
# Keys and values get room for some tokens more, so that most steps copy them as they lie.
PLACES_AT_ONCE = 8


class Transformer(StateModel):
    """A transformer: attention decides how much each token takes from the tokens before it."""

    reads_given = True
    reads_on = True

    class Options(NetworkOptions):
        """Options of `transformer`."""

        changeable = ("dropout",)

        width: int = Field(default=96, ge=2, description="width of the stream (W)")
        layers: int = Field(default=2, ge=1, le=64, description="layers (L)")
        heads: int = Field(default=4, ge=1, description="heads of each attention")
        hidden: int = Field(default=256, ge=1, description="units of each feed-forward layer (H)")
        dropout: float = Field(
            default=0.15,
            ge=0,
            lt=1,
            description="share of hidden units, attention and part outputs left out in training",
        )
        positions: Literal["rotary", "learned"] = Field(
            default="rotary", description="rotary turns keys and queries; learned adds a vector"
        )
        max_positions: int = Field(
            default=64,
            ge=1,
            description="tokens that the model can read, where positions are learned",
        )
        norm: Literal["before", "after"] = Field(
            default="before", description="whether a layer's norm stands before or after its sum"
        )
        steps: int = Field(
            default=1000, ge=0, description="updates at most; 0 leaves the model untrained"
        )
        batch_size: int = Field(default=64, ge=1, description="documents in each update")
        learning_rate: float = Field(
            default=3e-3, gt=0, description="highest learning rate of the schedule"
        )

        @model_validator(mode="after")
        def heads_divide_the_width(self) -> Self:
            """Rotary positions turn pairs of numbers, so a head's width is even."""
            if self.width % (2 * self.heads):
                raise ValueError(
                    f"the width ({self.width}) must be a multiple of twice the heads ({self.heads})"
                )
            return self

    options: Options

    @property
    def max_positions(self) -> int | None:  # type: ignore[override]
        """The option of this name where positions are learned; rotary ones never end."""
        return self.options.max_positions if self.options.positions == "learned" else None

    @classmethod
    def torch_model(cls) -> type[TorchModel]:
        """The same network in torch."""
        from tokgen_models.transformer_network import TorchTransformer

        return TorchTransformer

    def learned(self) -> dict[str, tuple[int, ...]]:
        """Weights by Llama's names: `model.embed_tokens.weight` (V, W), …."""
        options, width = self.options, self.options.width
        shapes: dict[str, tuple[int, ...]] = {
            "model.embed_tokens.weight": (self.vocabulary.size, width),
            "model.norm.weight": (width,),
        }
        for number in range(options.layers):
            for name, shape in Layer.learned(width, options.hidden).items():
                shapes[f"model.layers.{number}.{name}"] = shape
        if options.positions == "learned":
            shapes["model.embed_positions.weight"] = (options.max_positions + 1, width)
        for column, values in enumerate(self.vocabulary.columns.values()):
            shapes[f"given.{column}.weight"] = (len(values) + 1, width)
        return shapes

    def prepare(self) -> None:
        """Compute in float64; a start id never follows."""
        weights = {name: array.astype(np.float64) for name, array in self.weights.items()}
        self._table = weights["model.embed_tokens.weight"]
        self._head = RowProduct(self._table.T)
        self._never = np.where(self.vocabulary.can_follow, 0.0, -np.inf)
        self._norm = weights["model.norm.weight"]
        self._positions = weights.get("model.embed_positions.weight")
        self._given = [weights[f"given.{c}.weight"] for c in range(len(self.vocabulary.columns))]
        self._layers = [
            Layer.of(weights, f"model.layers.{number}.", self.options)
            for number in range(self.options.layers)
        ]

    def embedding_table(self) -> Floats:
        """The table (V, W), which is the head too."""
        return self.weights["model.embed_tokens.weight"].astype(np.float64)

    def start(self, given: Ints) -> State:
        """The last states (S, W), keys and values (S, T, L, 2, W), and how many are read (S,)."""
        options, count = self.options, len(given)
        nothing = np.zeros((count, 0, options.layers, 2, options.width))
        unread: State = (np.zeros((count, options.width)), nothing, np.zeros(count, np.int64))
        if self.vocabulary.start_id is not None:
            return unread
        terminators = np.full(count, self.vocabulary.terminator_id)
        return self.read(unread, np.arange(count), terminators, given)

    def read(self, state: State, parents: Ints, tokens: Ints, given: Ints) -> State:
        """The states of `parents` (N,) after one token (N,) more each."""
        before, lengths = state[1], state[2][parents]
        width = int(lengths.max(initial=0)) + 1
        places = -(-width // PLACES_AT_ONCE) * PLACES_AT_ONCE
        kept = np.empty((len(tokens), places, *before.shape[2:]))
        in_parts(
            lambda part, room: _take(before, parents[part], kept[part]),
            len(tokens),
            READ_AT_ONCE,
            lambda: None,
        )
        return self._read_into(kept, lengths, tokens, given)

    def read_on(self, state: State, tokens: Ints, given: Ints) -> State:
        """The states after one token (N,) more each, written behind what is kept while it fits."""
        _, kept, lengths = state
        if int(lengths.max(initial=0)) == kept.shape[1]:
            return self.read(state, np.arange(len(tokens)), tokens, given)
        return self._read_into(kept, lengths, tokens, given)

    def _read_into(self, kept: Floats, lengths: Ints, tokens: Ints, given: Ints) -> State:
        """The states (N, …) whose keys and values of `lengths` (N,) tokens are in `kept`."""
        last = np.empty((len(tokens), self.options.width))
        width = int(lengths.max(initial=0)) + 1

        def read_part(part: slice, room: None) -> None:
            stream = self._embedded(tokens[part], lengths[part], given[part])
            turns = self._turns(lengths[part])
            for number, layer in enumerate(self._layers):
                there = kept[part, :width, number]
                stream, _ = layer.read(stream, there, lengths[part], turns)
            last[part] = normed(stream, self._norm)

        in_parts(read_part, len(tokens), READ_AT_ONCE, lambda: None)
        return last, kept, lengths + 1

    def _turns(self, places: Ints) -> Floats | None:
        """How far keys and queries at these places (N,) are turned; None where none is."""
        if self.options.positions != "rotary":
            return None
        return rotations(places, self.options.width // self.options.heads).astype(np.float64)

    def _embedded(self, tokens: Ints, places: Ints, given: Ints) -> Floats:
        """The stream (N, W) before the first layer."""
        stream = self._table[tokens]
        for table, values in zip(self._given, given.T, strict=True):
            stream = stream + table[values]
        return stream if self._positions is None else stream + self._positions[places]

    def logprobs_of(self, state: State) -> Floats:
        """Log-probabilities (S, V) of the next token, nats."""
        return normalised(self._head(state[0]) + self._never)

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """What each head of each layer looks at (T, heads), the last state, logits and softmax."""
        symbols, first, given = self.vocabulary.symbols, np.zeros(1, np.int64), prefixes.given[:1]
        begun = () if self.vocabulary.start_id is not None else (self.vocabulary.terminator_id,)
        read, state = [*begun, *prefixes[0]], self.states_after(prefixes.select(first))
        labels, place = tuple(symbols[token] for token in read), state[2] - 1
        heads = tuple(f"head {number + 1}" for number in range(self.options.heads))
        stream, turns = self._embedded(first + read[-1], place, given), self._turns(place)
        kept, steps = state[1][:, : len(read)], []
        for number, layer in enumerate(self._layers):
            stream, weights = layer.read(stream, kept[:, :, number], place, turns)
            name = f"attention of layer {number + 1}: {self._attention}"
            steps.append(Explanation(name, weights[0], labels, heads, shares=True))
        logits = self._head(state[0])[0]
        size, width = self._table.shape
        return [
            *steps,
            Explanation(f"state h: the stream after layer {len(steps)}, normed", state[0][0]),
            Explanation(f"logits: E h, E {size} × {width}, the embedding table", logits, symbols),
            Explanation("softmax", np.exp(self.logprobs_of(state)[0]), symbols),
        ]

    @property
    def _attention(self) -> str:
        """What a head computes, with the shapes of its weights."""
        width = self.options.width
        of_head = width // self.options.heads
        return f"softmax(Q x · K y / √{of_head}), Q and K {of_head} × {width}"


def _take(rows: Floats, which: Ints, into: Floats) -> None:
    """Write `rows[which]` (N, T, …) into (N, T', …), zeros behind a shorter second axis."""
    if rows.shape[1] == into.shape[1]:
        np.take(rows, which, axis=0, out=into, mode="clip")
        return
    width = min(rows.shape[1], into.shape[1])
    into[:, :width] = rows[which, :width]
    into[:, width:] = 0
