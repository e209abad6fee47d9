"""The CNN as a torch module, for training only. Its tensors have the names that `cnn` reads."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tokgen.plugin_api import Cache, Dropout, TorchModel, Vocabulary
from tokgen_models.cnn import CNN


class TorchCNN(TorchModel):
    """The CNN with torch's forward pass: what `cnn` trains, and is held against in a test."""

    reads = "sequence"
    reads_given = True
    Options = CNN.Options

    def build(self, options: CNN.Options, vocabulary: Vocabulary) -> None:
        """An embedding table, the layers, and a linear layer to the logits."""
        self.embedding = nn.Embedding(vocabulary.size, options.channels)
        self.given = nn.ModuleList(
            nn.Embedding(len(values) + 1, options.channels)
            for values in vocabulary.columns.values()
        )
        self.layers = nn.ModuleList(
            Layer(options.channels, 1 << layer, options.dropout) for layer in range(options.layers)
        )
        self.output = nn.Linear(options.channels, vocabulary.size)

    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """Ids (B, T) -> logits (B, T, V); the cache is what each layer has read (B, 2^i, C)."""
        x = self.embedding(ids)
        if given is not None:
            for table, values in zip(self.given, given.T, strict=True):
                x = x + table(values)[:, None]
        skips, kept = torch.zeros_like(x), []
        for number, layer in enumerate(self.layers):
            behind = (
                x.new_zeros(len(x), 1 << number, x.shape[2]) if cache is None else cache[number]
            )
            known = torch.cat([behind, x], dim=1)
            kept.append(known[:, -(1 << number) :])
            residual, skip = layer(known)
            skips, x = skips + skip, x + residual
        return self.output(torch.relu(skips)), tuple(kept)


class Layer(nn.Module):
    """A gated convolution of two taps, mixed into what goes on and what is skipped to the end."""

    def __init__(self, channels: int, step: int, dropout: float) -> None:
        super().__init__()
        self.step = step
        # On a processor a linear layer is twice as fast as a convolution of two taps.
        self.both = nn.Linear(2 * channels, 2 * channels)
        self.mixed = nn.Linear(channels, 2 * channels)
        self.dropout = Dropout(dropout)

    def forward(self, known: Tensor) -> tuple[Tensor, Tensor]:
        """(B, step + T, C) -> what is added to the input and to the skips, (B, T, C) each."""
        before, now = known[:, : -self.step], known[:, self.step :]
        filtered, gate = self.both(torch.cat([before, now], dim=-1)).chunk(2, dim=-1)
        out = self.dropout(torch.tanh(filtered) * torch.sigmoid(gate))
        residual, skip = self.mixed(out).chunk(2, dim=-1)
        return residual, skip
