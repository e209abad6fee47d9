"""Small plugins in torch, as `small_plugins` are without."""

from __future__ import annotations

import torch
from torch import nn

from tokgen.plugin_api import Field, NetworkOptions, TorchModel


class Network(TorchModel):
    """Reads the last tokens."""

    class Options(NetworkOptions):
        """Options of `network`."""

        context: int = Field(default=2, ge=1, description="tokens seen")
        steps: int = Field(default=20, ge=1, description="updates")
        evaluate_every: int = Field(default=5, ge=1, description="steps between losses")

    def build(self, options, vocabulary):
        self.embedding = nn.Embedding(vocabulary.size, 4)
        self.output = nn.Linear(4 * options.context, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        return self.output(self.embedding(ids).flatten(start_dim=1))


class Louder(Network):
    """Where it is evaluated after its training, its logits are three times as large."""

    loud = 1.0

    def prepare(self):
        super().prepare()
        self.loud = 3.0

    def forward(self, ids, given=None, cache=None):
        return super().forward(ids) * self.loud


class ToldNetwork(Network):
    """Adds to the logits what each value of each column says."""

    reads_given = True

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.told = nn.ModuleList(
            nn.Embedding(len(values) + 1, vocabulary.size) for values in vocabulary.columns.values()
        )

    def forward(self, ids, given=None, cache=None):
        logits = super().forward(ids)
        for column, table in enumerate(self.told):
            logits = logits + table(given[:, column])
        return logits


class Positions(TorchModel):
    """The mean of what was read, each token with its position: nothing beyond the last one."""

    reads = "sequence"

    class Options(NetworkOptions):
        """Options of `positions`."""

        positions: int = Field(default=6, ge=1, description="tokens that it can read")
        steps: int = Field(default=20, ge=1, description="updates")

    @property
    def max_positions(self):
        return self.options.positions

    def build(self, options, vocabulary):
        # Without a start id the terminator is read before the first token.
        read = options.positions + (vocabulary.start_id is None)
        self.embedding = nn.Embedding(vocabulary.size, 8)
        self.position = nn.Embedding(read, 8)
        self.output = nn.Linear(8, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        places = torch.arange(ids.shape[1])
        read = self.embedding(ids) + self.position(places)
        return self.output(read.cumsum(dim=1) / (places + 1)[:, None])
