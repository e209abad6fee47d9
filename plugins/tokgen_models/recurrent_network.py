"""`rnn`, `gru` and `lstm` as torch modules, for training only."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from tokgen.plugin_api import Cache, Dropout, TorchModel, Vocabulary, from_cache, to_cache
from tokgen_models.gru import GRU
from tokgen_models.lstm import LSTM
from tokgen_models.recurrent import RecurrentModel, RecurrentOptions
from tokgen_models.rnn import RNN


class TorchRecurrent(TorchModel):
    """A recurrent family with torch's forward pass: what the family trains, and is held against.

    Attributes:
        family: the same network in numpy.
        layer: its layer in torch.
    """

    reads = "sequence"
    reads_given = True
    family: ClassVar[type[RecurrentModel]]
    layer: ClassVar[type[nn.RNN] | type[nn.GRU] | type[nn.LSTM]]

    def build(self, options: RecurrentOptions, vocabulary: Vocabulary) -> None:
        """An embedding table, one recurrent layer, and a linear layer to the logits."""
        self.embedding = nn.Embedding(vocabulary.size, options.embedding)
        layer = self.layer(options.embedding, options.hidden, batch_first=True)
        setattr(self, self.family.cell, layer)
        self.output = nn.Linear(options.hidden, vocabulary.size)
        self.dropout = Dropout(options.dropout)
        self.given = nn.ModuleList(
            nn.Embedding(len(values) + 1, options.embedding)
            for values in vocabulary.columns.values()
        )

    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """Ids (B, T) -> logits (B, T, V); the cache is the last state (B, 1, H), or two of them."""
        read = self.embedding(ids)
        if given is not None:
            for table, values in zip(self.given, given.T, strict=True):
                read = read + table(values)[:, None]
        states, last = getattr(self, self.family.cell)(read, from_cache(cache))
        return self.output(self.dropout(states)), to_cache(last)


class TorchRNN(TorchRecurrent):
    """`rnn` in torch.

    With batches of like lengths it learns more slowly than a plain loop (docs/search.md).
    """

    mixes_lengths = True
    Options = RNN.Options
    family = RNN
    layer = nn.RNN


class TorchGRU(TorchRecurrent):
    """`gru` in torch."""

    Options = GRU.Options
    family = GRU
    layer = nn.GRU


class TorchLSTM(TorchRecurrent):
    """`lstm` in torch."""

    Options = LSTM.Options
    family = LSTM
    layer = nn.LSTM

    def build(self, options: RecurrentOptions, vocabulary: Vocabulary) -> None:
        """The same, with forget gates that begin open."""
        super().build(options, vocabulary)
        with torch.no_grad():
            self.get_parameter("lstm.bias_ih_l0")[options.hidden : 2 * options.hidden] = 1
