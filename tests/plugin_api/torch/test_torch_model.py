"""A torch module as an author writes it is a language model, and leaves torch as it was."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from models import symbols
from sequence_networks import Attention, CharLSTM, CharRNN, Normed, SingleRNN
from torch import nn

from tokgen.plugin_api import Cache, TorchModel, from_cache, to_cache
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.training.tensor_file import read_tensors, write_tensors

VOCABULARY = symbols(5)
ROWS = np.random.default_rng(0).integers(0, 4, (30, 4)).tolist()
DATA = Dataset(EncodedDocuments.of([*ROWS, [], [1]]), VOCABULARY)
PREFIXES = Prefixes.of([[], [0], [3, 1], [2, 2, 1]])


def fitted(kind, seed=2, **options):
    return kind.fitted(kind.Options(**options), VOCABULARY, DATA, DATA, FitRun(seed=seed))


@pytest.mark.parametrize("kind", [CharRNN, CharLSTM, Attention, Normed, SingleRNN])
def test_what_is_learnt_goes_through_a_file(kind, tmp_path):
    model = fitted(kind)
    write_tensors(tmp_path / "m.safetensors", model.arrays(), "{}")
    arrays = read_tensors(tmp_path / "m.safetensors")
    again = kind.from_arrays(model.options, VOCABULARY, arrays)
    np.testing.assert_array_equal(again.next_logprobs(PREFIXES), model.next_logprobs(PREFIXES))
    for name, array in again.arrays().items():
        np.testing.assert_array_equal(array, model.arrays()[name])


def test_buffers_are_learnt_and_keep_their_type():
    arrays = fitted(Normed, steps=5).arrays()
    assert arrays["norm.num_batches_tracked"].dtype == np.int64
    assert arrays["norm.num_batches_tracked"] == 5
    assert arrays["order"].dtype == np.int64
    assert arrays["norm.running_var"].dtype == np.float32
    assert not np.allclose(arrays["norm.running_var"], 1)
    assert "scale" not in arrays


def test_whoever_writes_into_arrays_changes_no_model():
    model = fitted(SingleRNN)
    before = model.next_logprobs(PREFIXES)
    for array in model.arrays().values():
        array[...] = 0
    model_table = fitted(Normed).embedding_table()
    model_table[...] = 0
    np.testing.assert_array_equal(model.next_logprobs(PREFIXES), before)
    assert fitted(Normed).embedding_table().any()


def test_evaluation_has_no_chance_in_it():
    model = fitted(Normed)
    assert not model.training
    np.testing.assert_array_equal(model.next_logprobs(PREFIXES), model.next_logprobs(PREFIXES))


def test_single_precision_is_evaluated_in_it():
    single, double = fitted(SingleRNN), fitted(CharRNN)
    assert {parameter.dtype for parameter in single.parameters()} == {torch.float32}
    assert single.next_logprobs(PREFIXES).dtype == np.float32
    assert single.decoder(PREFIXES).logprobs().dtype == np.float32
    np.testing.assert_allclose(
        single.next_logprobs(PREFIXES), double.next_logprobs(PREFIXES), atol=1e-5
    )


# Building


@pytest.mark.parametrize("kind", [CharRNN, Normed])
def test_a_training_begins_with_the_weights_of_its_seed(kind):
    first, again, other = (kind.initial(kind.Options(), VOCABULARY, seed) for seed in (1, 1, 2))
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name])
    assert not np.array_equal(first.next_logprobs(PREFIXES), other.next_logprobs(PREFIXES))


class Nothing(CharRNN):
    """Has no layers."""

    def build(self, options, vocabulary):
        pass

    def forward(self, ids, given=None, cache=None):
        return torch.zeros(*ids.shape, self.vocabulary.size)


class Misnamed(CharRNN):
    """Calls a layer by the name of a method."""

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.decoder = nn.Linear(2, 2)


class Masked(CharRNN):
    """Would save what no checkpoint may hold."""

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.register_buffer("mask", torch.full((2, 2), -torch.inf))


class LastOnly(CharRNN):
    """Gives logits of the last position alone."""

    def forward(self, ids, given=None, cache=None):
        return super().forward(ids)[0][:, -1]


class LayersFirst(CharRNN):
    """Gives the state as torch does."""

    def forward(self, ids, given=None, cache=None):
        return self.output(self.table(ids)), self.recurrent(self.table(ids))


class Single(CharRNN):
    """Makes a tensor of torch's default type, which is not the one of the evaluation."""

    def forward(self, ids, given=None, cache=None):
        return self.output(torch.zeros(*ids.shape, self.options.width)), None


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        (Nothing, ValueError, "build makes no layer with parameters: there is nothing to train"),
        (Misnamed, TypeError, "build cannot call a layer 'decoder'"),
        (Masked, ValueError, "tensor 'mask' holds a number that is not finite"),
        (LastOnly, TypeError, r"a tensor \(16, 5\) instead of logits \(16, 1, 5\)"),
        (LayersFirst, TypeError, r"as the cache of 16 sequences instead of a tuple of tensors"),
        (Single, RuntimeError, "dtype"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_it_is(kind, error, said):
    reports = []
    with pytest.raises(error, match=said):
        kind.fitted(kind.Options(), VOCABULARY, DATA, DATA, FitRun(report=reports.append))
    assert not reports


# What torch has once


def state_of_torch():
    return torch.get_rng_state().tolist(), torch.get_num_threads(), torch.get_default_dtype()


@pytest.mark.parametrize("kind", [CharRNN, Normed])
def test_torch_is_left_as_it_was(kind):
    torch.manual_seed(17)
    before = state_of_torch()
    model = fitted(kind)
    assert state_of_torch() == before
    kind.initial(model.options, VOCABULARY, 1)
    again = kind.from_arrays(model.options, VOCABULARY, model.arrays())
    decoder = again.decoder(Prefixes.of(ROWS))
    decoder.advance(np.arange(30), np.zeros(30, np.int64))
    decoder.logprobs()
    again.next_logprobs(PREFIXES)
    again.token_logprobs(Prefixes.of([[1, 4], [4]]))
    assert state_of_torch() == before


def test_so_it_is_where_a_forward_fails():
    model = CharRNN.initial(CharRNN.Options(), VOCABULARY, 0)
    before = state_of_torch()
    with pytest.raises(IndexError):
        model.next_logprobs(Prefixes.of([[99]] * 40))
    assert state_of_torch() == before


def test_several_threads_give_what_one_gives_and_leave_the_number_of_threads(threads_of_torch):
    model = CharLSTM.initial(CharLSTM.Options(width=64), VOCABULARY, 0)
    random = np.random.default_rng(1)
    asked = [
        Prefixes.of([random.integers(0, 4, length).tolist() for length in (1, 2, 3) * 8])
        for _ in range(24)
    ]
    expected = [model.next_logprobs(prefixes) for prefixes in asked]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(model.next_logprobs, asked))
        assert set(pool.map(lambda _: torch.get_num_threads(), range(8))) == {threads_of_torch}
    for alone, beside in zip(expected, together, strict=True):
        np.testing.assert_array_equal(beside, alone)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert [*seen, torch.get_num_threads()] == [threads_of_torch] * 2


@pytest.fixture
def threads_of_torch():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield 3
    torch.set_num_threads(before)


# Caches of recurrent layers


@pytest.mark.parametrize(("layer", "count"), [(nn.RNN, 1), (nn.GRU, 1), (nn.LSTM, 2)])
def test_a_recurrent_layer_goes_on_from_its_cache(layer, count):
    recurrent = layer(3, 5, num_layers=2, batch_first=True).double()
    inputs = torch.randn(4, 6, 3, dtype=torch.float64)
    whole, _ = recurrent(inputs)
    _, state = recurrent(inputs[:, :2], from_cache(None))
    cache: Cache = to_cache(state)
    assert [tuple(tensor.shape) for tensor in cache] == [(4, 2, 5)] * count
    rows = torch.tensor([2, 2, 0])
    rest, _ = recurrent(inputs[rows, 2:], from_cache(tuple(tensor[rows] for tensor in cache)))
    torch.testing.assert_close(rest, whole[rows, 2:])


def test_the_names_of_torch_are_public():
    import tokgen.plugin_api as api

    assert api.TorchModel is TorchModel
    with pytest.raises(AttributeError, match="no attribute 'TorchModule'"):
        api.TorchModule  # noqa: B018
