"""The MLP as a torch module, for training only. Its tensors have the names that `mlp` reads."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from tokgen.plugin_api import Cache, Dropout, TorchModel, Vocabulary
from tokgen_models.mlp import MLP

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": partial(functional.gelu, approximate="tanh"),
}


class TorchMLP(TorchModel):
    """The MLP with torch's forward pass: what `mlp` trains, and is held against in a test."""

    reads_given = True
    Options = MLP.Options

    def build(self, options: MLP.Options, vocabulary: Vocabulary) -> None:
        """An embedding table, the hidden layers, and a linear layer to the logits."""
        widths = [options.context * options.embedding] + [options.hidden] * options.layers
        self.embedding = nn.Embedding(vocabulary.size, options.embedding)
        self.hidden = nn.ModuleList(
            nn.Linear(before, after) for before, after in itertools.pairwise(widths)
        )
        self.output = nn.Linear(options.hidden, vocabulary.size)
        self.activation = ACTIVATIONS[options.activation]
        self.dropout = Dropout(options.dropout)
        self.given = nn.ModuleList(
            nn.Embedding(len(values) + 1, options.embedding)
            for values in vocabulary.columns.values()
        )

    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> Tensor:
        """Contexts (B, k) -> logits (B, V)."""
        first, *others = self.hidden
        looks_up = not self.given and self.embedding.num_embeddings < len(ids)
        read = self._looked_up(ids) if looks_up else first(self._read(ids, given))
        activations = self.dropout(self.activation(read))
        for layer in others:
            activations = self.dropout(self.activation(layer(activations)))
        logits: Tensor = self.output(activations)
        return logits

    def _read(self, ids: Tensor, given: Tensor | None) -> Tensor:
        """The rows of the embedding table, side by side (B, k*K)."""
        read = self.embedding(ids)
        if given is not None:
            for table, values in zip(self.given, given.T, strict=True):
                read = read + table(values)[:, None]
        return read.flatten(start_dim=1)

    def _looked_up(self, ids: Tensor) -> Tensor:
        """What the first layer makes of the same (B, H), twice as fast where V is small.

        Its product with each token at each place is made once, and summed by another one with
        ones and zeros.
        """
        (size, width), context = self.embedding.weight.shape, ids.shape[1]
        places = (
            self.get_parameter("hidden.0.weight").view(-1, context, width).permute(1, 2, 0)
        )  # (k, K, H)
        products = (self.embedding.weight @ places).reshape(context * size, -1)
        at = ids + size * torch.arange(context, device=ids.device)
        ones = products.new_zeros(len(ids), context * size).scatter_(1, at, 1.0)
        summed: Tensor = torch.addmm(self.get_parameter("hidden.0.bias"), ones, products)
        return summed
