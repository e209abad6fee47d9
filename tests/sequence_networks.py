"""Small torch models that read sequences, and one that normalises its batches."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tokgen.plugin_api import Field, NetworkOptions, TorchModel, from_cache, to_cache


class SmallOptions(NetworkOptions):
    """Few steps. The widths are odd, so that rows do not begin at round places of memory."""

    width: int = Field(default=11, ge=1, description="units of the state")
    steps: int = Field(default=10, ge=1, description="updates")
    batch_size: int = Field(default=16, ge=1, description="documents in an update")
    evaluate_every: int = Field(default=5, ge=1, description="steps between losses")


class CharRNN(TorchModel):
    """Simple recurrent network (Elman 1990)."""

    reads = "sequence"
    Options = SmallOptions

    def build(self, options, vocabulary):
        self.table = nn.Embedding(vocabulary.size, options.width)
        self.recurrent = nn.RNN(options.width, options.width, batch_first=True)
        self.output = nn.Linear(options.width, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        states, last = self.recurrent(self.table(ids), from_cache(cache))
        return self.output(states), to_cache(last)


class CharLSTM(CharRNN):
    """Two layers, whose cache is two tensors."""

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.recurrent = nn.LSTM(options.width, options.width, num_layers=2, batch_first=True)


class SingleRNN(CharRNN):
    """In single precision."""

    dtype = np.float32


class Forgetful(CharRNN):
    """Gives no cache."""

    def forward(self, ids, given=None, cache=None):
        return super().forward(ids)[0]


class ToldRNN(CharRNN):
    """Adds to what it reads what is given."""

    reads_given = True

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.told = nn.ModuleList(
            nn.Embedding(len(values) + 1, options.width) for values in vocabulary.columns.values()
        )

    def forward(self, ids, given=None, cache=None):
        told = sum(table(column) for table, column in zip(self.told, given.T, strict=True))
        read = self.table(ids) + told[:, None]
        states, last = self.recurrent(read, from_cache(cache))
        return self.output(states), to_cache(last)


class Attention(TorchModel):
    """One head of causal attention with learned positions; the cache is its keys and values."""

    reads = "sequence"

    class Options(SmallOptions):
        """Options of `attention`."""

        positions: int = Field(default=16, ge=1, description="ids that it can read")

    def build(self, options, vocabulary):
        self.table = nn.Embedding(vocabulary.size, options.width)
        self.position = nn.Embedding(options.positions, options.width)
        self.asked = nn.Linear(options.width, 3 * options.width)
        self.output = nn.Linear(options.width, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        before = 0 if cache is None else cache[0].shape[1]
        places = torch.arange(before, before + ids.shape[1])
        read = self.table(ids) + self.position(places)
        query, key, value = self.asked(read).chunk(3, dim=-1)
        if cache is not None:
            key, value = torch.cat([cache[0], key], 1), torch.cat([cache[1], value], 1)
        seen = torch.arange(before + ids.shape[1]) <= places[:, None]
        heard = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return self.output(functional.gelu(read + heard)), (key, value)


class Normed(TorchModel):
    """Reads contexts; normalises each batch in training and counts its calls there."""

    class Options(SmallOptions):
        """Options of `normed`."""

        context: int = Field(default=2, ge=1, description="tokens seen")

    def build(self, options, vocabulary):
        self.embedding = nn.Embedding(vocabulary.size, 3)
        self.hidden = nn.Linear(3 * options.context, options.width)
        self.norm = nn.BatchNorm1d(options.width)
        self.dropout = nn.Dropout(0.3)
        self.output = nn.Linear(options.width, vocabulary.size)
        self.register_buffer("order", torch.arange(vocabulary.size))
        self.register_buffer("scale", torch.ones(1), persistent=False)

    def forward(self, ids, given=None, cache=None):
        hidden = self.norm(self.hidden(self.embedding(self.order[ids]).flatten(start_dim=1)))
        return self.output(self.dropout(torch.tanh(hidden))) * self.scale
