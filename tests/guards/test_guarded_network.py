"""Networks in torch behind their guard: nothing that they do is blamed, whatever they read."""

from __future__ import annotations

import numpy as np
import pytest
from guarding import guarded_model_class
from models import symbols
from torch import nn

from tokgen.plugin_api import (
    Dataset,
    EncodedDocuments,
    Field,
    FitRun,
    NetworkOptions,
    Prefixes,
    TorchModel,
)

DATA = Dataset(EncodedDocuments.of([[0, 1, 2]] * 20 + [[3]]), symbols(5))
PREFIXES = Prefixes.of([[], [0, 1], [1]])


class Windowed(TorchModel):
    class Options(NetworkOptions):
        context: int = Field(default=3, description="tokens that the model sees")

    def build(self, options, vocabulary):
        self.embedding = nn.Embedding(vocabulary.size, 8)
        self.output = nn.Linear(8 * options.context, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        return self.output(self.embedding(ids).flatten(1))


class Recurrent(TorchModel):
    reads = "sequence"

    def build(self, options, vocabulary):
        self.embedding = nn.Embedding(vocabulary.size, 8)
        self.recurrent = nn.GRU(8, 8, batch_first=True)
        self.output = nn.Linear(8, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        before = None if cache is None else cache[0][None]
        states, last = self.recurrent(self.embedding(ids), before)
        return self.output(states), (last[0],)


class WithoutCache(Recurrent):
    def forward(self, ids, given=None, cache=None):
        return super().forward(ids)[0]


@pytest.mark.parametrize("network", [Windowed, Recurrent, WithoutCache])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_sound_network_is_not_blamed(network, kind):
    mine = guarded_model_class(type(network.__name__, (network,), {"dtype": kind}))
    options = mine.Options(steps=4, evaluate_every=2)
    fitted = mine.fitted(options, DATA.vocabulary, DATA, DATA, FitRun())
    model = mine.from_arrays(options, DATA.vocabulary, fitted.arrays())
    prefixes = PREFIXES.last(model.context_length)
    rows = model.next_logprobs(prefixes)
    assert rows.dtype == kind
    np.testing.assert_array_equal(rows, fitted.next_logprobs(prefixes))
    tolerance = 1e-12 if kind is np.float64 else 1e-6
    decoder = model.decoder(prefixes)
    np.testing.assert_allclose(decoder.logprobs(), rows, atol=tolerance)
    decoder.advance(np.array([1, 0]), np.array([2, 2]))
    grown = Prefixes.of([[0, 1, 2], [2]]).last(model.context_length)
    np.testing.assert_allclose(decoder.logprobs(), model.next_logprobs(grown), atol=tolerance)
    model.token_logprobs(DATA.documents_at(np.array([0, 20])))
    begun = mine.initial(options, DATA.vocabulary, 1)
    assert begun.next_logprobs(prefixes).shape == (3, 5)
