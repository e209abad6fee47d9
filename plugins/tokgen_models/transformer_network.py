"""The transformer as a torch module, for training only; `transformer` reads its tensors in numpy.

The tensors have the names of `LlamaForCausalLM` in Hugging Face's transformers, and the arithmetic
is the same: what is trained here runs there. The head is the embedding table (Press & Wolf 2017).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tokgen.plugin_api import Cache, Dropout, Floats, TorchModel, Vocabulary
from tokgen_models.transformer import Transformer
from tokgen_models.transformer_layers import EPSILON, rotations

# Larger ones begin by expecting the last token again: the head is the table.
TABLES = 0.1


class TorchTransformer(TorchModel):
    """The transformer with torch's forward pass: what `transformer` trains."""

    reads = "sequence"
    reads_given = True
    Options = Transformer.Options

    def build(self, options: Transformer.Options, vocabulary: Vocabulary) -> None:
        """The table, the layers and the last norm; each product is as large as what it reads.

        With weights of 0.02, as in GPT-2, a network this narrow hardly learns to attend at first.
        """
        self.model = Body(options, vocabulary)
        self.given = nn.ModuleList(
            nn.Embedding(len(values) + 1, options.width) for values in vocabulary.columns.values()
        )
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=_size(name, parameter.shape[1], options.layers))

    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """Ids (B, T) -> logits (B, T, V); the cache is each layer's keys and values (B, T, W)."""
        stream = self.model.embed_tokens(ids)
        if given is not None:
            for table, values in zip(self.given, given.T, strict=True):
                stream = stream + table(values)[:, None]
        states, cache = self.model(stream, cache)
        return functional.linear(states, self.model.embed_tokens.weight), cache

    def embedding_table(self) -> Floats:
        """The table (V, W), which is the head too."""
        return self.model.embed_tokens.weight.detach().cpu().double().numpy()


def _size(name: str, read: int, layers: int) -> float:
    """The standard deviation of a weight at the beginning, in a row of so many numbers."""
    if not name.endswith("proj.weight"):
        return TABLES
    # What is added to the stream grows with the layers; so each adds less (GPT-2).
    adds = name.endswith(("o_proj.weight", "down_proj.weight"))
    return float((read * (2 * layers if adds else 1)) ** -0.5)


class Body(nn.Module):
    """All but the head."""

    def __init__(self, options: Transformer.Options, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.options = options
        self.embed_tokens = nn.Embedding(vocabulary.size, options.width)
        self.layers = nn.ModuleList(Layer(options) for _ in range(options.layers))
        self.norm = Norm(options.width)
        if options.positions == "learned":
            self.embed_positions = nn.Embedding(options.max_positions + 1, options.width)

    def forward(self, stream: Tensor, cache: Cache | None) -> tuple[Tensor, Cache]:
        """The stream (B, T, W) after all layers, and the cache."""
        before = 0 if cache is None else cache[0].shape[1]
        places = torch.arange(before, before + stream.shape[1], device=stream.device)
        if self.options.positions == "learned":
            stream = stream + self.embed_positions(places)
        turns = self._turns(places) if self.options.positions == "rotary" else None
        kept: list[Tensor] = []
        for number, layer in enumerate(self.layers):
            own = None if cache is None else cache[2 * number : 2 * number + 2]
            stream, keys, values = layer(stream, places, turns, own)
            kept += [keys, values]
        return self.norm(stream), tuple(kept)

    def _turns(self, places: Tensor) -> Tensor:
        """Cosines and sines (2, T, D) of the angles at these places."""
        turns = rotations(places.cpu().numpy(), self.options.width // self.options.heads)
        return torch.from_numpy(turns).to(self.norm.weight)


class Layer(nn.Module):
    """Attention, then a feed-forward network; each reads a norm of the stream and adds to it."""

    def __init__(self, options: Transformer.Options) -> None:
        super().__init__()
        self.norm_first = options.norm == "before"
        self.self_attn = Attention(options)
        self.mlp = SwiGLU(options)
        self.input_layernorm = Norm(options.width)
        self.post_attention_layernorm = Norm(options.width)
        self.dropout = Dropout(options.dropout)

    def forward(
        self, stream: Tensor, places: Tensor, turns: Tensor | None, cache: Cache | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The stream (B, T, W) after this layer, all its keys and values so far."""
        read = self.input_layernorm(stream) if self.norm_first else stream
        heard, keys, values = self.self_attn(read, places, turns, cache)
        stream = stream + self.dropout(heard)
        if self.norm_first:
            return stream + self._fed_forward(self.post_attention_layernorm(stream)), keys, values
        stream = self.input_layernorm(stream)
        stream = self.post_attention_layernorm(stream + self._fed_forward(stream))
        return stream, keys, values

    def _fed_forward(self, read: Tensor) -> Tensor:
        fed: Tensor = self.dropout(self.mlp(read))
        return fed


class Attention(nn.Module):
    """Causal attention of several heads (Vaswani et al. 2017), with rotary positions."""

    def __init__(self, options: Transformer.Options) -> None:
        super().__init__()
        self.options = options
        width = options.width
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (
            nn.Linear(width, width, bias=False) for _ in range(4)
        )
        self.dropout = Dropout(options.dropout)

    def forward(
        self, read: Tensor, places: Tensor, turns: Tensor | None, cache: Cache | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What is heard (B, T, W), all keys and all values so far (B, T', W)."""
        queries, keys, values = self.q_proj(read), self.k_proj(read), self.v_proj(read)
        if turns is not None:
            queries, keys = self._turned(queries, turns), self._turned(keys, turns)
        if cache is not None:
            keys, values = torch.cat([cache[0], keys], 1), torch.cat([cache[1], values], 1)
        seen = torch.arange(keys.shape[1], device=places.device) <= places[:, None]
        heard = functional.scaled_dot_product_attention(
            self._heads(queries), self._heads(keys), self._heads(values), attn_mask=seen
        )
        return self.o_proj(self.dropout(heard.transpose(1, 2).flatten(2))), keys, values

    def _heads(self, rows: Tensor) -> Tensor:
        """(B, T, W) -> (B, heads, T, W / heads)."""
        return rows.view(*rows.shape[:2], self.options.heads, -1).transpose(1, 2)

    def _turned(self, rows: Tensor, turns: Tensor) -> Tensor:
        """Each head's halves (a, b) turned by its place: (a cos - b sin, b cos + a sin)."""
        heads = rows.view(*rows.shape[:2], self.options.heads, -1)  # (B, T, heads, D)
        first, second = heads.chunk(2, dim=-1)
        cosines, sines = turns[0, :, None], turns[1, :, None]  # (T, 1, D)
        return (heads * cosines + torch.cat([-second, first], -1) * sines).flatten(2)


class SwiGLU(nn.Module):
    """down(silu(gate x) * up x) (Shazeer 2020)."""

    def __init__(self, options: Transformer.Options) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(options.width, options.hidden, bias=False)
        self.up_proj = nn.Linear(options.width, options.hidden, bias=False)
        self.down_proj = nn.Linear(options.hidden, options.width, bias=False)
        self.dropout = Dropout(options.dropout)

    def forward(self, read: Tensor) -> Tensor:
        """(B, T, W) -> (B, T, W)."""
        units = functional.silu(self.gate_proj(read)) * self.up_proj(read)
        fed: Tensor = self.down_proj(self.dropout(units))
        return fed


class Norm(nn.Module):
    """x / sqrt(mean(x^2)) * weight (Zhang & Sennrich 2019), the division in float32 as in Llama."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, rows: Tensor) -> Tensor:
        """(B, T, W) -> (B, T, W)."""
        single = rows.float()
        divided = single * torch.rsqrt(single.square().mean(-1, keepdim=True) + EPSILON)
        return self.weight * divided.to(rows.dtype)
