"""char-rnn: a simple recurrent network (Elman 1990) that reads a document token by token.

Its state is a vector that every token changes, so that all earlier tokens can matter.
Training, early stopping, saving and generating come from `TorchModel`.
"""

from typing import Any

from tokgen.plugin_api import (
    Cache,
    Field,
    NetworkOptions,
    TorchModel,
    Vocabulary,
    from_cache,
    to_cache,
)
from torch import Tensor, nn


class CharRnn(TorchModel):
    """Simple recurrent network (Elman 1990)."""

    reads = "sequence"  # or "context": ids (B, context) -> logits (B, V), without a cache

    class Options(NetworkOptions):  # has steps, batch_size, learning_rate, … already
        """Options of `char-rnn`; users write `-o width=128`."""

        width: int = Field(default=64, ge=1, description="units of the state")

    def build(self, options: Any, vocabulary: Vocabulary) -> None:
        """Make the layers; each training begins here, with a fixed seed."""
        self.embedding = nn.Embedding(vocabulary.size, options.width)
        self.recurrent = nn.RNN(options.width, options.width, batch_first=True)
        self.output = nn.Linear(options.width, vocabulary.size)

    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """Ids (B, T) -> logits (B, T, V) of what follows each, and the cache after them.

        A cache is a tuple of tensors with the B rows first; it stands for all ids before `ids`.
        Return it at the first call too. A module that keeps none returns the logits alone, always.
        """
        # torch's recurrent layers want their state layers first, (1, B, W): `from_cache` and
        # `to_cache` turn it round, for nn.GRU, nn.LSTM and several layers too.
        states, last = self.recurrent(self.embedding(ids), from_cache(cache))  # states (B, T, W)
        return self.output(states), to_cache(last)
