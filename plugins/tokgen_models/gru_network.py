"""The GRU as a torch module, for training only. Its tensors have the names that `gru` reads."""

from __future__ import annotations

from torch import Tensor, nn

from tokgen.plugin_api import Cache, TorchModel, Vocabulary, from_cache, to_cache
from tokgen_models.gru import GRU


class TorchGRU(TorchModel):
    """The GRU with torch's forward pass: what `gru` trains, and is held against in a test."""

    reads = "sequence"
    Options = GRU.Options

    def build(self, options: GRU.Options, vocabulary: Vocabulary) -> None:
        """An embedding table, one recurrent layer, and a linear layer to the logits."""
        self.embedding = nn.Embedding(vocabulary.size, options.embedding)
        self.gru = nn.GRU(options.embedding, options.hidden, batch_first=True)
        self.output = nn.Linear(options.hidden, vocabulary.size)
        self.dropout = nn.Dropout(options.dropout)

    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """Ids (B, T) -> logits (B, T, V); the cache is the last hidden state (B, 1, H)."""
        states, last = self.gru(self.embedding(ids), from_cache(cache))
        return self.output(self.dropout(states)), to_cache(last)
