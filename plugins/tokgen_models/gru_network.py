"""The GRU as a torch module, for training only. Its tensors have the names that `gru` reads."""

from __future__ import annotations

from torch import Tensor, nn

from tokgen.plugin_api import TorchModel, Vocabulary
from tokgen_models.gru import GRU


class Network(nn.Module):
    """Ids (B, T) that begin with the terminator -> logits (B, T, V)."""

    def __init__(self, options: GRU.Options, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary.size, options.embedding)
        self.gru = nn.GRU(options.embedding, options.hidden, batch_first=True)
        self.output = nn.Linear(options.hidden, vocabulary.size)
        self.dropout = nn.Dropout(options.dropout)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (B, T, V) of what follows each position."""
        states, _ = self.gru(self.embedding(ids))
        logits: Tensor = self.output(self.dropout(states))
        return logits


class TorchGRU(TorchModel):
    """The GRU with torch's forward pass: what `gru` trains, and is held against in a test."""

    tokgen_api = 1
    Options = GRU.Options

    @classmethod
    def build(cls, options: GRU.Options, vocabulary: Vocabulary) -> nn.Module:
        """A fresh network."""
        return Network(options, vocabulary)
