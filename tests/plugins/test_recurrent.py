"""Recurrent families: numpy and torch agree, a kept state equals reading anew, bits are its own."""

from __future__ import annotations

import numpy as np
import pytest
from bits import assert_a_row_is_its_own
from hypothesis import given, settings
from hypothesis import strategies as st
from models import symbols
from tokgen_models.gru import GRU
from tokgen_models.lstm import LSTM
from tokgen_models.recurrent_network import TorchGRU, TorchLSTM, TorchRNN
from tokgen_models.rnn import RNN

from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.generation.scoring import token_logprobs
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary

pytestmark = pytest.mark.slow

VOCABULARY = symbols(5)
STARTED = Vocabulary((*VOCABULARY.symbols, "^"), VOCABULARY.terminator_id, start_id=5)
RANDOM = np.random.default_rng(0).integers(0, 4, (30, 4)).tolist()
ROWS = [*RANDOM, [], [1], [2, 2, 2, 2, 2, 2]]


FAMILIES = {"rnn": TorchRNN, "gru": TorchGRU, "lstm": TorchLSTM}
VOCABULARIES = {
    "plain": VOCABULARY,
    "start id": STARTED,
    "columns": VOCABULARY.with_columns({"colour": ("red", "blue"), "size": ("large",)}),
}


@pytest.fixture(scope="module", params=list(FAMILIES))
def network(request):
    return FAMILIES[request.param]


PRECISIONS = ("float64", "float32")


def trained(network, vocabulary, precision="float64"):
    options = network.Options(
        embedding=3,
        hidden=11,
        steps=20,
        batch_size=8,
        learning_rate=0.03,
        precision=precision,
    )
    given = np.random.default_rng(1).integers(0, 2, (len(ROWS), len(vocabulary.columns)))
    data = Dataset(EncodedDocuments.of(ROWS), vocabulary, given)
    return network.fitted(options, vocabulary, data, data, FitRun(seed=2))


def in_numpy(begun):
    return begun.family.from_arrays(begun.options, begun.vocabulary, begun.arrays())


@pytest.fixture(scope="module", params=PRECISIONS)
def fitted(network, request):
    return in_numpy(trained(network, VOCABULARY, request.param))


@pytest.mark.parametrize("name", list(VOCABULARIES))
def test_forward_passes_agree(name, network):
    vocabulary = VOCABULARIES[name]
    begun = trained(network, vocabulary)
    for told in [(1, 0), (2, 1)] if vocabulary.columns else [()]:
        prefixes = Prefixes.of([[*vocabulary.beginning, *row] for row in ROWS], told)
        expected = begun.next_logprobs(prefixes)
        np.testing.assert_allclose(in_numpy(begun).next_logprobs(prefixes), expected, atol=1e-10)


@pytest.mark.parametrize("name", list(VOCABULARIES))
def test_in_float32_only_the_network_is_rounded(name, network):
    """The distributions are float64 and sum to one, near those of the network in float64."""
    begun = in_numpy(trained(network, VOCABULARIES[name]))
    options = begun.options.model_copy(update={"precision": "float32"})
    rounded = begun.from_arrays(options, begun.vocabulary, begun.arrays())
    given = [1] * len(begun.vocabulary.columns)
    prefixes = Prefixes.of([[*begun.vocabulary.beginning, *row] for row in ROWS], given)
    logprobs = rounded.next_logprobs(prefixes)
    assert {array.dtype for array in rounded.states_after(prefixes)} == {np.dtype(np.float32)}
    assert logprobs.dtype == np.float64
    np.testing.assert_allclose(np.exp(logprobs).sum(axis=1), 1, atol=1e-14)
    expected = begun.next_logprobs(prefixes)
    assert not np.array_equal(logprobs, expected)
    np.testing.assert_allclose(logprobs, expected, atol=1e-5)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("family", [RNN, GRU, LSTM])
@pytest.mark.parametrize("hidden", [11, 256])
@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
def test_equal_prefixes_get_equal_bits_in_every_batch(family, hidden, batch, precision):
    options = family.Options(hidden=hidden, precision=precision)
    model = family.initial(options, VOCABULARY, seed=batch)
    assert_a_row_is_its_own(model, batch)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_decoder_equals_recomputation(fitted, data):
    model = fitted
    token = st.integers(0, 4)
    rows = data.draw(st.lists(st.lists(token, max_size=4), min_size=1, max_size=5))
    decoder = model.decoder(Prefixes.of(rows))
    for _ in range(data.draw(st.integers(0, 4))):
        parents = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=7))
        tokens = data.draw(st.lists(token, min_size=len(parents), max_size=len(parents)))
        decoder.advance(np.array(parents), np.array(tokens))
        rows = [[*rows[parent], added] for parent, added in zip(parents, tokens, strict=True)]
        np.testing.assert_array_equal(decoder.logprobs(), model.next_logprobs(Prefixes.of(rows)))


@pytest.mark.parametrize("size", [1, 7])
def test_batches_of_any_size_make_the_same_documents(fitted, size):
    model = fitted
    chain = parse_chain(["temperature:t=1.3"])
    whole = generate(model, chain, Beginning((1,)), 4, np.arange(10_000), 15)
    for begin in range(0, 400 if size == 1 else 10_000, size):
        rows = np.arange(begin, min(begin + size, 10_000))
        part = generate(model, chain, Beginning((1,)), 4, rows, 15)
        assert part.tokens == whole.tokens[begin : begin + len(rows)]


def test_scores_sum_to_the_same_by_either_road(fitted):
    model = fitted
    data = Dataset(EncodedDocuments.of(ROWS), VOCABULARY)
    logprobs = token_logprobs(model, data)
    for number, row in enumerate(ROWS):
        for place, token in enumerate([*row, 4]):
            alone = model.next_logprobs(Prefixes.of([row[:place]]))[0, token]
            assert logprobs[data.starts[number] + place] == pytest.approx(alone)


@pytest.mark.parametrize("name", list(VOCABULARIES))
def test_gates_are_those_of_the_formulas(name, network):
    """The state worked out again, one unit after the other, from the weights by torch's names."""
    vocabulary = VOCABULARIES[name]
    model = in_numpy(trained(network, vocabulary))
    told = (2, 1) if vocabulary.columns else ()
    one = Prefixes.of([[*vocabulary.beginning, 1, 3]], told)
    *gates, hidden, _, softmax = model.explain(one)
    np.testing.assert_array_equal(softmax.values, np.exp(model.next_logprobs(one)[0]))
    if network is TorchRNN:
        assert not gates
        return
    state, opened = (np.zeros(11), np.zeros(11)), []
    read = [*(vocabulary.beginning or (vocabulary.terminator_id,)), 1, 3]
    for token in read:
        state, each = by_hand(model, token, told, *state)
        opened.append(each)
    (step,) = gates
    assert step.rows == tuple(vocabulary.symbols[token] for token in read)
    assert step.columns == tuple(model.opens)
    np.testing.assert_allclose(step.values, opened, atol=1e-12)
    np.testing.assert_allclose(hidden.values, state[0], atol=1e-12)


def by_hand(model, token, told, hidden, memory):
    """The hidden state and the memory after a token, and the mean of each gate."""
    weights = {name: array.astype(np.float64) for name, array in model.weights.items()}
    x = weights["embedding.weight"][token].copy()
    for column, value in enumerate(told):
        x += weights[f"given.{column}.weight"][value]
    own = {key: weights[f"{model.cell}.{key}_l0"] for key in ("weight_ih", "weight_hh", "bias_ih")}
    inputs = own["weight_ih"] @ x + own["bias_ih"]
    before = own["weight_hh"] @ hidden + weights[f"{model.cell}.bias_hh_l0"]
    parts, others = np.split(inputs, model.gates), np.split(before, model.gates)

    def gate(number):
        return 1 / (1 + np.exp(-parts[number] - others[number]))

    if model.cell == "gru":
        reset, update = gate(0), gate(1)
        new = np.tanh(parts[2] + reset * others[2])
        return ((1 - update) * new + update * hidden, memory), [reset.mean(), update.mean()]
    entering, forgetting, leaving = gate(0), gate(1), gate(3)
    memory = forgetting * memory + entering * np.tanh(parts[2] + others[2])
    means = [entering.mean(), forgetting.mean(), leaving.mean()]
    return (leaving * np.tanh(memory), memory), means
