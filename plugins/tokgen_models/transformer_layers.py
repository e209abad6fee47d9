"""One layer of the transformer in numpy, for rows that each stand at a place of their own.

Shapes: N rows, T tokens read, W width of the stream, D = W / heads, H units of the feed-forward
layer. A row's numbers do not depend on the rows beside it, nor on the zeros behind its keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tokgen.plugin_api import Floats, Ints, RowProduct

if TYPE_CHECKING:
    from tokgen_models.transformer import Transformer

EPSILON = 1e-6
ROTARY_BASE = 10_000.0


def normed(rows: Floats, weight: Floats) -> Floats:
    """RMSNorm, x / sqrt(mean(x^2)) * weight (Zhang & Sennrich 2019); in float32 as in Llama."""
    single = rows.astype(np.float32)
    scale = np.sqrt(np.mean(single * single, axis=-1, keepdims=True) + np.float32(EPSILON))
    return weight * (single / scale).astype(np.float64)


def rotations(places: Ints, head_width: int) -> NDArray[np.float32]:
    """Cosines and sines (2, N, D) of the angles at these places (N,) (Su et al. 2021).

    The angles are those of float32, as in Llama: pair i turns by place / 10000^(2i / D).
    """
    pairs = np.arange(0, head_width, 2, dtype=np.float32) / np.float32(head_width)
    frequencies = np.float32(1) / np.float32(ROTARY_BASE) ** pairs
    angles = places.astype(np.float32)[:, None] * np.tile(frequencies, 2)
    exact = angles.astype(np.float64)
    return np.stack([np.cos(exact), np.sin(exact)]).astype(np.float32)


def turned(rows: Floats, turns: Floats) -> Floats:
    """Each head's halves (a, b) (N, heads, D) turned: (a cos - b sin, b cos + a sin)."""
    half = rows.shape[-1] // 2
    crossed = np.concatenate([-rows[..., half:], rows[..., :half]], axis=-1)
    return rows * turns[0][:, None] + crossed * turns[1][:, None]


def silu(rows: Floats) -> Floats:
    """The sigmoid linear unit, x / (1 + exp(-x)) (Elfwing et al. 2017)."""
    with np.errstate(over="ignore"):  # x / inf is the right limit: zero.
        return rows / (1 + np.exp(-rows))


@dataclass(frozen=True, eq=False)
class Layer:
    """Attention, then a feed-forward network, each with its norm."""

    heads: int
    norm_first: bool
    attention_norm: Floats
    feeding_norm: Floats
    asked: RowProduct  # (W, 3W): queries, keys, values
    out: RowProduct
    opened: RowProduct  # (W, 2H): gate, up
    closed: RowProduct

    @staticmethod
    def learned(width: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """Name and shape of each weight of a layer."""
        square = {f"self_attn.{each}_proj.weight": (width, width) for each in "qkvo"}
        return {
            **square,
            "mlp.gate_proj.weight": (hidden, width),
            "mlp.up_proj.weight": (hidden, width),
            "mlp.down_proj.weight": (width, hidden),
            "input_layernorm.weight": (width,),
            "post_attention_layernorm.weight": (width,),
        }

    @classmethod
    def of(cls, weights: Mapping[str, Floats], prefix: str, options: Transformer.Options) -> Layer:
        """The layer whose weights have names that begin with the prefix."""

        def product(*names: str) -> RowProduct:
            return RowProduct(
                np.concatenate([weights[f"{prefix}{n}_proj.weight"] for n in names]).T
            )

        return cls(
            options.heads,
            options.norm == "before",
            weights[f"{prefix}input_layernorm.weight"],
            weights[f"{prefix}post_attention_layernorm.weight"],
            product("self_attn.q", "self_attn.k", "self_attn.v"),
            product("self_attn.o"),
            product("mlp.gate", "mlp.up"),
            product("mlp.down"),
        )

    def read(
        self, stream: Floats, kept: Floats, lengths: Ints, turns: Floats | None
    ) -> tuple[Floats, Floats]:
        """The stream (N, W) after this layer, and what each head looked at (N, T, heads).

        The rows' own keys and values are written into `kept` (N, T, 2, W) behind the `lengths`
        (N,) that they have read; `turns` are the `rotations` there, if keys are turned.
        """
        read = normed(stream, self.attention_norm) if self.norm_first else stream
        heard, weights = self._heard(read, kept, lengths, turns)
        stream = stream + heard
        if self.norm_first:
            return stream + self._fed(normed(stream, self.feeding_norm)), weights
        stream = normed(stream, self.attention_norm)
        return normed(stream + self._fed(stream), self.feeding_norm), weights

    def _heard(
        self, read: Floats, kept: Floats, lengths: Ints, turns: Floats | None
    ) -> tuple[Floats, Floats]:
        count, width = read.shape
        asked = self.asked(read).reshape(count, 3, self.heads, -1)
        queries, keys, values = asked[:, 0], asked[:, 1], asked[:, 2]
        if turns is not None:
            queries, keys = turned(queries, turns), turned(keys, turns)
        kept[np.arange(count), lengths, 0] = keys.reshape(count, width)
        kept[np.arange(count), lengths, 1] = values.reshape(count, width)
        by_head = kept.reshape(count, -1, 2, self.heads, width // self.heads)
        weights = _softmax(_scores(queries, by_head[:, :, 0]), lengths)
        # It adds over T in order, so that zeros behind a row's own tokens change no bit.
        heard = np.einsum("nth,nthd->nhd", weights, by_head[:, :, 1])
        return self.out(heard.reshape(count, width)), weights

    def _fed(self, read: Floats) -> Floats:
        gate, up = np.split(self.opened(read), 2, axis=1)
        return self.closed(silu(gate) * up)


def _scores(queries: Floats, keys: Floats) -> Floats:
    """Each head's products (N, T, heads), divided by the root of its width."""
    products: Floats = np.einsum("nhd,nthd->nth", queries, keys)
    return products / np.sqrt(keys.shape[-1])


def _softmax(scores: Floats, lengths: Ints) -> Floats:
    """The share (N, T, heads) that each token up to place `lengths` (N,) has in a head's sum."""
    unread = np.arange(scores.shape[1]) > lengths[:, None]
    scores[unread] = -np.inf
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / np.cumsum(shares, axis=1)[:, -1:]
