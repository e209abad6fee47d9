"""The MLP as a torch module, for training only. Its tensors have the names that `mlp` reads."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from tokgen.plugin_api import Cache, TorchModel, Vocabulary
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
        self.dropout = nn.Dropout(options.dropout)
        self.given = nn.ModuleList(
            nn.Embedding(len(values) + 1, options.embedding)
            for values in vocabulary.columns.values()
        )

    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> Tensor:
        """Contexts (B, k) -> logits (B, V)."""
        read = self.embedding(ids)
        if given is not None:
            for table, values in zip(self.given, given.T, strict=True):
                read = read + table(values)[:, None]
        activations = read.flatten(start_dim=1)
        for layer in self.hidden:
            activations = self.dropout(self.activation(layer(activations)))
        logits: Tensor = self.output(activations)
        return logits
