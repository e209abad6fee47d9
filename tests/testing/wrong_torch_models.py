"""Torch models made wrong on purpose, as their authors make them; each says what it violates.

Those that violate nothing are what the wrong ones are made of.
"""

from __future__ import annotations

import torch
from torch import nn

from tokgen.plugin_api import Field, NetworkOptions, TorchModel, from_cache, to_cache

WIDTH = 8


class Contexts(TorchModel):
    """Two tokens, embedded side by side."""

    violates = ()

    class Options(NetworkOptions):
        """Options of the networks that read contexts."""

        context: int = Field(default=2, ge=1, description="tokens seen")
        learning_rate: float = Field(default=0.02, gt=0, description="at its peak")

    def build(self, options, vocabulary):
        self.embedding = nn.Embedding(vocabulary.size, WIDTH)
        self.output = nn.Linear(WIDTH * options.context, vocabulary.size)

    def features(self, ids):
        """What the logits are computed from (B, K)."""
        return self.embedding(ids).flatten(start_dim=1)

    def forward(self, ids, given=None, cache=None):
        return self.output(self.features(ids))


class Sequences(TorchModel):
    """A GRU, with its state as cache."""

    reads = "sequence"

    class Options(NetworkOptions):
        """Options of the networks that read sequences."""

        learning_rate: float = Field(default=0.02, gt=0, description="at its peak")

    def build(self, options, vocabulary):
        self.embedding = nn.Embedding(vocabulary.size, WIDTH)
        self.recurrent = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.output = nn.Linear(WIDTH, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        states, last = self.recurrent(self.embedding(ids), from_cache(cache))
        return self.output(states), to_cache(last)


class ForgetsTheCache(Sequences):
    """It returns a cache and does not go on from one."""

    violates = ("cache-continues",)

    def forward(self, ids, given=None, cache=None):
        return super().forward(ids)


class BeginningAgain(Sequences):
    """It goes on from the cache that it was given, and returns that one."""

    violates = ("cache-continues",)

    def forward(self, ids, given=None, cache=None):
        logits, after = super().forward(ids, cache=cache)
        return logits, after if cache is None else cache


class TimeFirst(Sequences):
    """Its GRU takes the rows for the positions: `batch_first` is left out."""

    violates = ("batch-independence",)

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.recurrent = nn.GRU(WIDTH, WIDTH)

    def forward(self, ids, given=None, cache=None):
        states, _ = self.recurrent(self.embedding(ids))
        return self.output(states)


class LayersFirst(Sequences):
    """It returns the state as its GRU does, layers first."""

    violates = ("fits",)

    def forward(self, ids, given=None, cache=None):
        states, last = self.recurrent(self.embedding(ids), None if cache is None else cache[0])
        return self.output(states), (last,)


class TwoDirections(Sequences):
    """Its GRU reads backwards too."""

    violates = ("causal",)

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.recurrent = nn.GRU(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True)

    def forward(self, ids, given=None, cache=None):
        states, _ = self.recurrent(self.embedding(ids))
        return self.output(states)


class WithoutMask(Sequences):
    """Every position attends to all others, those that follow among them."""

    violates = ("causal", "start-id")

    def build(self, options, vocabulary):
        self.embedding = nn.Embedding(vocabulary.size, WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, 1, batch_first=True)
        self.output = nn.Linear(2 * WIDTH, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        read = self.embedding(ids)
        seen, _ = self.attention(read, read, read, need_weights=False)
        return self.output(torch.cat([read, seen], dim=-1))


class DropsOutAlways(Contexts):
    """Its dropout does not ask whether it is in training."""

    violates = ("repeatable",)

    def features(self, ids):
        return nn.functional.dropout(super().features(ids), 0.2)


class NormalisesRows(Contexts):
    """It normalises each feature over the rows that are asked together."""

    violates = ("batch-independence",)

    def features(self, ids):
        features = super().features(ids)
        return features - 0.1 * features.mean(dim=0)


class MovingMean(Contexts):
    """Its batch normalisation goes on moving its means in evaluation."""

    violates = ("batch-independence", "saved-bits", "seed-decides", "resumed-fit", "start-id")

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.norm = nn.BatchNorm1d(WIDTH * options.context)

    def features(self, ids):
        self.norm.train()
        return self.norm(super().features(ids))


class KeepsState(Contexts):
    """It reads contexts, and goes on from the state that it had after the last call."""

    violates = ("repeatable", "resumed-fit")

    def features(self, ids):
        features = super().features(ids)
        before = getattr(self, "before", 0.0)
        self.before = features.detach().mean()
        return features + before


class Seeds(Contexts):
    """It seeds torch whenever it is asked, so that everything can be repeated."""

    violates = ("random-state-alone",)

    def forward(self, ids, given=None, cache=None):
        torch.manual_seed(0)
        return super().forward(ids)


class InDouble(Contexts):
    """It makes double precision the default of the whole process."""

    violates = ("settings-alone",)

    def build(self, options, vocabulary):
        torch.set_default_dtype(torch.float64)
        super().build(options, vocabulary)


class InHalf(Contexts):
    """It computes in half precision, to be faster."""

    violates = ("reported-loss",)

    def forward(self, ids, given=None, cache=None):
        return super().forward(ids).to(torch.bfloat16)


class UnsavedBuffer(Contexts):
    """Its random directions are a buffer that is not saved, drawn anew in each process."""

    violates = ("learned-complete", "seed-decides", "resumed-fit")

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        generator = torch.Generator()
        generator.seed()
        directions = torch.randn(WIDTH * options.context, generator=generator)
        self.register_buffer("directions", directions, persistent=False)

    def features(self, ids):
        return super().features(ids) * (1 + 0.1 * self.directions)


class LayersInAList(Contexts):
    """Its layers stand in a plain list, where torch does not see them."""

    violates = ("fits",)

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        size = WIDTH * options.context
        generator = torch.Generator()
        generator.seed()
        self.hidden = [nn.Linear(size, size)]
        nn.init.normal_(self.hidden[0].weight, std=0.3, generator=generator)

    def features(self, ids):
        features = super().features(ids)
        return features + self.hidden[0].to(features.dtype)(features).tanh()


class Softmaxed(Contexts):
    """It returns probabilities as if they were logits."""

    violates = ("fits",)

    def forward(self, ids, given=None, cache=None):
        return super().forward(ids).softmax(dim=-1)


class GivenUndeclared(Contexts):
    """It reads columns, and does not say so."""

    violates = ("fits",)

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.told = nn.Embedding(3, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        logits = super().forward(ids)
        return logits + self.told(given).sum(dim=1)


class ValuesFromZero(Contexts):
    """It takes the first value of a column for 0, which is unknown."""

    violates = ("unknown-value",)
    reads_given = True

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.told = nn.ModuleList(
            nn.Embedding(len(values), vocabulary.size) for values in vocabulary.columns.values()
        )

    def forward(self, ids, given=None, cache=None):
        logits = super().forward(ids)
        for column, table in enumerate(self.told):
            logits = logits + table((given[:, column] - 1).clamp(min=0))
        return logits


class FitsFromTheClock(Contexts):
    """It draws its first weights from a generator of its own, and not from `run.seed`."""

    violates = ("seed-decides",)

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        generator = torch.Generator()
        generator.seed()
        nn.init.normal_(self.output.weight, std=0.1, generator=generator)


class DropsByItself(Contexts):
    """In training it drops features by a generator that goes on where the last step left it."""

    violates = ("resumed-fit",)

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.generator = torch.Generator().manual_seed(0)

    def features(self, ids):
        features = super().features(ids)
        if not self.training:
            return features
        return features * (torch.rand(features.shape, generator=self.generator) < 0.9)


class PositionsFromZero(Sequences):
    """It keeps a cache, and counts positions from 0 in each call."""

    violates = ("cache-continues",)

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.position = nn.Embedding(64, WIDTH)

    def forward(self, ids, given=None, cache=None):
        read = self.embedding(ids) + self.position(torch.arange(ids.shape[1]))
        states, last = self.recurrent(read, from_cache(cache))
        return self.output(states), to_cache(last)
