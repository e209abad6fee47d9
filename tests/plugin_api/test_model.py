"""A document has one log-probability, by whatever way; start ids, columns, limits, precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from guarding import guarded_model_class, raised
from hypothesis import given, settings
from hypothesis import strategies as st
from small_networks import Network, Positions, ToldNetwork
from small_plugins import Bigram, Single, Told
from tokgen_models.gru import GRU
from tokgen_models.mlp import MLP
from tokgen_models.mlp_network import TorchMLP
from tokgen_models.ngram import NGram
from tokgen_models.recurrent_network import TorchGRU

from tokgen.errors import RequestError
from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.scoring import token_logprobs, total_logprob
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.positions import length_limit, most_tokens
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.torch.forward import mean_of_all
from tokgen.plugin_api.vocabulary import Vocabulary

STARTED = Vocabulary(("-", "^", "a", "b", "c"), terminator_id=0, start_id=1)
WITHOUT = Vocabulary(("-", "^", "a", "b", "c"), terminator_id=0)
RANDOM = np.random.default_rng(1)
ROWS = [RANDOM.integers(2, 5, length).tolist() for length in RANDOM.integers(0, 6, 60)]
FEW = {"steps": 20, "batch_size": 16}
MODELS = {
    "ngram": (NGram, {"order": 3}),
    "ngram, add-k": (NGram, {"order": 4, "smoothing": "add-k"}),
    "mlp": (MLP, {**FEW, "hidden": 8, "embedding": 4}),
    "gru": (GRU, {**FEW, "hidden": 8, "embedding": 4}),
    "torch, contexts": (TorchMLP, {**FEW, "hidden": 8, "embedding": 4}),
    "torch, sequences with a cache": (TorchGRU, {**FEW, "hidden": 8, "embedding": 4}),
    "torch, sequences without": (Positions, FEW),
    "single precision": (Single, {}),
}


def dataset(vocabulary, rows=ROWS, values=None):
    return Dataset(EncodedDocuments.of(rows), vocabulary, values)


def fitted(kind, options, vocabulary, values=None):
    data = dataset(vocabulary, values=values)
    return kind.fitted(kind.Options(**options), vocabulary, data, data, FitRun(seed=3))


@pytest.fixture(scope="module", params=MODELS)
def started(request):
    return fitted(*MODELS[request.param], STARTED)


def by_forced_growth(model, document, begun):
    """The model's log-probabilities of the tokens, as they are seen where each is forced."""
    growth, logprobs = Growth.begin(model, SamplerChain(), Beginning(begun)), []
    for token in document:
        logprobs.append(float(growth.rows.model[0, token]))
        growth = growth.after(np.zeros(1, np.int64), np.array([token]))
    return [*logprobs, float(growth.rows.model[0, model.vocabulary.terminator_id])]


def by_windows(model, document, begun):
    """The same, each prefix written out and given to the model alone."""
    tokens = [*document, model.vocabulary.terminator_id]
    rows = [[*begun, *tokens[:place]] for place in range(len(tokens))]
    prefixes = [Prefixes.of([row]).last(model.context_length) for row in rows]
    return [
        float(model.next_logprobs(each)[0, token])
        for each, token in zip(prefixes, tokens, strict=True)
    ]


@pytest.mark.parametrize("vocabulary", [STARTED, WITHOUT], ids=["start id", "none"])
@pytest.mark.parametrize("name", MODELS)
def test_a_document_has_one_probability(name, vocabulary):
    model = fitted(*MODELS[name], vocabulary)
    documents = [[], [2], [4, 3, 2], [2, 2, 3, 4, 4]]
    data = dataset(vocabulary, documents)
    logprobs = token_logprobs(model, data)
    tolerance = 1e-5 if model.dtype is np.float32 else 1e-10
    for number, document in enumerate(documents):
        begin = data.starts[number]
        scored = logprobs[begin : begin + len(document) + 1]
        expected = by_windows(model, document, vocabulary.beginning)
        np.testing.assert_allclose(scored, expected, atol=tolerance)
        forced = by_forced_growth(model, document, vocabulary.beginning)
        np.testing.assert_allclose(forced, expected, atol=tolerance)
    assert total_logprob(model, data) == pytest.approx(logprobs.sum(), abs=1e-4)


def test_windows_of_a_training_begin_with_the_start_id():
    windows = dataset(STARTED, [[2, 3], []]).all_windows(2)
    assert windows.contexts.tolist() == [[0, 1], [1, 2], [2, 3], [0, 1]]
    assert windows.targets.tolist() == [2, 3, 0, 0]
    prefixes = dataset(STARTED, [[2, 3], []]).prefixes(np.arange(4), 5)
    assert [prefixes[row] for row in range(4)] == [[1], [1, 2], [1, 2, 3], [1]]


PREFIXES = [[1], [1, 2], [1, 4, 3, 2]]


def test_a_start_id_never_follows(started):
    rows = started.next_logprobs(Prefixes.of(PREFIXES).last(started.context_length))
    assert (rows[:, 1] == -np.inf).all()
    assert np.isfinite(np.delete(rows, 1, axis=1)).all()
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, rtol=1e-5)
    decoder = started.decoder(Prefixes.of(PREFIXES))
    decoder.advance(np.array([2, 0]), np.array([3, 4]))
    assert (decoder.logprobs()[:, 1] == -np.inf).all()


class Wasteful(Bigram):
    """The start id gets a share here: 0.1 after one id, a half after two, none after more."""

    context_length = None

    def next_logprobs(self, prefixes):
        shares = np.array([0.0, 0.1, 0.5, 0.0])[np.minimum(prefixes.lengths, 3)]
        rows = np.repeat(np.array([[0.1, 0, 0.2, 0.3, 0.4]]), len(prefixes), axis=0)
        rows *= 1 - shares[:, None]
        rows[:, 1] = shares
        with np.errstate(divide="ignore"):
            return np.log(rows)


class WastefulDecoding(Wasteful):
    def decoder(self, prefixes):
        return TorchGRU.initial(TorchGRU.Options(**FEW), WITHOUT, 0).decoder(prefixes)


def test_what_a_row_gives_a_start_id_the_others_share():
    prefixes = Prefixes.of(PREFIXES)
    rows = guarded_model_class(Wasteful)(None, STARTED).next_logprobs(prefixes)
    np.testing.assert_allclose(np.exp(rows), [[0.1, 0, 0.2, 0.3, 0.4]] * 3, atol=1e-15)
    decoding, without = (
        guarded_model_class(WastefulDecoding)(None, each) for each in (STARTED, WITHOUT)
    )
    found = np.exp(decoding.decoder(prefixes).logprobs())
    expected = np.exp(without.decoder(prefixes).logprobs())
    expected[:, 1] = 0
    np.testing.assert_allclose(found, expected / expected.sum(axis=1, keepdims=True))


def test_a_row_that_gives_a_start_id_nothing_keeps_its_bits_beside_one_that_does():
    mine, raw = guarded_model_class(Wasteful)(None, STARTED), Wasteful(None, STARTED)
    last = raw.next_logprobs(Prefixes.of(PREFIXES))[2]
    assert mine.next_logprobs(Prefixes.of(PREFIXES))[2].tobytes() == last.tobytes()
    raw_rows = Wasteful(None, WITHOUT).next_logprobs(Prefixes.of(PREFIXES))
    np.testing.assert_array_equal(
        guarded_model_class(Wasteful)(None, WITHOUT).next_logprobs(Prefixes.of(PREFIXES)), raw_rows
    )


def test_a_row_that_gives_a_start_id_everything_is_refused():
    class Mine(Bigram):
        def next_logprobs(self, prefixes):
            with np.errstate(divide="ignore"):
                return np.log(np.eye(5)[np.ones(len(prefixes), np.int64)])

    mine = guarded_model_class(Mine)(None, STARTED)
    told = "a row gives everything to the start id '^', which never follows"
    raised(told, lambda: mine.next_logprobs(Prefixes.of(PREFIXES)))


@pytest.mark.parametrize("name", ["torch, contexts", "torch, sequences with a cache"])
def test_the_loss_of_a_training_is_over_what_can_follow(name):
    kind, options = MODELS[name]
    told = []
    model = kind.fitted(
        kind.Options(**options, evaluate_every=options["steps"], label_smoothing=0.1),
        STARTED,
        dataset(STARTED),
        dataset(STARTED),
        FitRun(report=told.append),
    )
    measured = -total_logprob(model, dataset(STARTED)) / len(dataset(STARTED))
    assert told[-1].validation_loss == pytest.approx(measured, abs=1e-5)
    assert np.isfinite(told[-1].loss)


def test_smoothed_labels_are_spread_over_what_can_follow():
    logprobs = torch.log_softmax(torch.tensor([[0.5, -torch.inf, 1.0, -2.0, 0.0]]), dim=-1)
    expected = logprobs[0, [0, 2, 3, 4]].mean()
    torch.testing.assert_close(mean_of_all(logprobs, STARTED), expected[None])


def test_counts_of_a_start_id_that_follows_are_refused():
    model = fitted(NGram, {"order": 2}, STARTED)
    arrays = {name: array.copy() for name, array in model.arrays().items()}
    arrays["grams.0"][1] = 1
    with pytest.raises(ValueError, match=r"grams\.0 or counts\.0 hold what cannot be counts"):
        NGram.from_arrays(model.options, STARTED, arrays)


@pytest.mark.parametrize("smoothing", ["kneser-ney", "add-k"])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_a_start_id_takes_the_place_of_the_symbol_that_ngram_adds(order, smoothing):
    options = {"order": order, "smoothing": smoothing}
    with_id = fitted(NGram, options, STARTED)
    letters = Vocabulary(("-", "a", "b", "c"), terminator_id=0)
    fewer = dataset(letters, [[token - 1 for token in row] for row in ROWS])
    without = NGram.fitted(NGram.Options(**options), letters, fewer, fewer, FitRun())
    for row in [[], [1], [2, 3], [1, 1, 1, 2, 3], [3, 3, 3, 3]]:
        begun = Prefixes.of([[1, *(token + 1 for token in row)]])
        found = with_id.next_logprobs(begun.last(order - 1))
        expected = without.next_logprobs(Prefixes.of([row]).last(order - 1))
        np.testing.assert_allclose(found[:, [0, 2, 3, 4]], expected, atol=1e-12)
        assert found[0, 1] == -np.inf


def test_ngram_s_counts_behind_a_start_id_by_hand():
    options = {"order": 2, "smoothing": "add-k", "k": 0.5}
    model = fitted(NGram, options, STARTED)
    first = [row[0] if row else 0 for row in ROWS]
    row = np.exp(model.next_logprobs(Prefixes.of([[1]])))[0]
    expected = [(first.count(token) + 0.5) / (len(ROWS) + 0.5 * 4) for token in range(5)]
    expected[1] = 0
    np.testing.assert_allclose(row, expected)


def test_state_keys_behind_a_start_id_stay_in_range():
    model = fitted(NGram, {"order": 4}, STARTED)
    keys = model.state_keys(Prefixes.of([[1], [1, 2], [1, 2, 3, 4], [1, 4, 4, 4, 4, 4]]).last(3))
    assert keys.min() >= 0
    assert keys.max() <= STARTED.size + 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 6))
def test_drawn_documents_have_the_probability_that_is_told(started, seed, count):
    grown = generate(started, SamplerChain(), Beginning((1,)), seed, np.arange(count), 5)
    for tokens, logprob, ended in zip(grown.tokens, grown.logprobs, grown.finished, strict=True):
        expected = by_windows(started, tokens, (1,))
        assert logprob == pytest.approx(sum(expected[: None if ended else -1]), abs=1e-5)


# What is given


COLUMNS = {"colour": ("red", "white"), "kind": ("x", "y", "z")}
TOLD = STARTED.with_columns(COLUMNS)
VALUES = np.random.default_rng(2).integers(0, 3, (len(ROWS), 2))


@pytest.mark.parametrize(("kind", "options"), [(Told, {}), (ToldNetwork, FEW)])
def test_a_document_has_one_probability_given_its_columns(kind, options):
    model = fitted(kind, options, TOLD, VALUES)
    data = dataset(TOLD, ROWS, VALUES)
    logprobs = token_logprobs(model, data)
    for number, (row, values) in enumerate(zip(ROWS[:12], VALUES.tolist(), strict=False)):
        tokens = [*row, 0]
        expected = [
            model.next_logprobs(
                Prefixes.of([[1, *tokens[:place]]], values).last(model.context_length)
            )[0, token]
            for place, token in enumerate(tokens)
        ]
        begin = data.starts[number]
        np.testing.assert_allclose(logprobs[begin : begin + len(tokens)], expected, atol=1e-10)
        growth = Growth.at(model, SamplerChain(), Beginning((1,), given=tuple(values)), row)
        assert growth.rows.model[0, 0] == pytest.approx(expected[-1])
    assert total_logprob(model, data) == pytest.approx(logprobs.sum())


def test_what_is_given_counts_by_hand():
    model = fitted(Told, {}, TOLD, VALUES)
    given = VALUES.tolist()
    for values in ([0, 0], [1, 2], [2, 0]):
        here = [row for row, told in zip(ROWS, given, strict=True) if told == values]
        first = [row[0] if row else 0 for row in here]
        row = np.exp(model.next_logprobs(Prefixes.of([[1]], values)))[0]
        expected = [(first.count(token) + (token != 1)) / (len(first) + 4) for token in range(5)]
        np.testing.assert_allclose(row, expected)


@pytest.mark.parametrize("kind", [Told, ToldNetwork])
def test_nothing_given_is_every_column_unknown(kind):
    model = fitted(kind, {} if kind is Told else FEW, TOLD, VALUES)
    assert TOLD.nothing_given == (0, 0)
    seen = Growth.begin(model, SamplerChain(), Beginning((1,))).rows.model
    unknown = Growth.begin(model, SamplerChain(), Beginning((1,), given=(0, 0))).rows.model
    np.testing.assert_array_equal(seen, unknown)
    told = Growth.begin(model, SamplerChain(), Beginning((1,), given=(1, 2))).rows.model
    assert not np.allclose(seen, told)


def test_prefixes_carry_what_is_given():
    prefixes = Prefixes.of([[1], [1, 2]], (2, 1))
    longer = prefixes.select(np.array([1, 1, 0])).append(np.array([3, 4, 2]))
    joined = longer.join(Prefixes.of([[1]], (0, 0))).last(2)
    assert joined.given.tolist() == [[2, 1], [2, 1], [2, 1], [0, 0]]
    assert [joined[row] for row in range(4)] == [[2, 3], [2, 4], [1, 2], [1]]
    assert Prefixes.of([], (1, 1)).given.shape == (0, 2)


# Limits and precision


def test_no_more_is_read_than_a_model_can():
    assert most_tokens(fitted(Positions, {**FEW, "positions": 6}, STARTED)) == 5
    assert most_tokens(fitted(Positions, {**FEW, "positions": 6}, WITHOUT)) == 6
    assert most_tokens(fitted(NGram, {}, STARTED)) is None


@pytest.fixture(scope="module")
def short():
    return fitted(Positions, {**FEW, "positions": 6}, WITHOUT)


def test_a_training_refuses_what_is_too_long_before_it_begins():
    class Untrained(Positions):
        def fit(self, train, validation, run):
            raise AssertionError("it began")

    options = Untrained.Options(positions=4)
    short, long = dataset(WITHOUT, [[2], [3]]), dataset(WITHOUT, [[2], [2, 3, 4, 2, 3]])
    with pytest.raises(RequestError, match="Training document 2 has 5 tokens; the model reads 4"):
        Untrained.fitted(options, WITHOUT, long, None, FitRun())
    with pytest.raises(RequestError, match="Validation document 2 has 5 tokens"):
        Untrained.fitted(options, WITHOUT, short, long, FitRun())


def test_growing_and_scoring_refuse_what_is_too_long(short):
    chain, longest = SamplerChain(), [2, 3, 4, 2, 3, 4]
    assert len(by_forced_growth(short, longest, ())) == 7
    with pytest.raises(RequestError, match="A prefix has 7 tokens; the model reads 6 at most"):
        Growth.begin(short, chain, Beginning((*longest, 2)))
    with pytest.raises(RequestError, match="A prefix has 7 tokens"):
        Growth.begin(short, chain, Beginning(tuple(longest))).after(
            np.zeros(1, np.int64), np.array([2])
        )
    with pytest.raises(RequestError, match="Document 2 has 7 tokens; the model reads 6 at most"):
        token_logprobs(short, dataset(WITHOUT, [[2], [*longest, 2]]))


@pytest.mark.parametrize(
    ("asked", "limit"), [(None, 6), (4, 4), (6, 6)], ids=["default", "shorter", "longest"]
)
def test_the_default_length_gives_way(short, asked, limit):
    assert length_limit(short, asked, 64) == limit


def test_a_length_that_is_asked_for_does_not(short):
    with pytest.raises(RequestError, match="The length limit is 7; the model reads 6 tokens"):
        length_limit(short, 7, 64)
    assert length_limit(fitted(Bigram, {}, WITHOUT), 1000, 64) == 1000


def test_single_precision_stays_and_draws_the_same_documents():
    single, double = fitted(Single, {}, STARTED), fitted(Bigram, {}, STARTED)
    assert single.next_logprobs(Prefixes.of([[1]])).dtype == np.float32
    arguments = (SamplerChain(), Beginning((1,)), 7, np.arange(500), 20)
    first, second = generate(single, *arguments), generate(double, *arguments)
    same = [a == b for a, b in zip(first.tokens, second.tokens, strict=True)]
    assert np.mean(same) > 0.99
    np.testing.assert_allclose(first.logprobs[same], second.logprobs[same], atol=1e-4)


# Saving, and the beginning of a training


@pytest.mark.parametrize("name", MODELS)
def test_what_is_learnt_is_loaded(name):
    model = fitted(*MODELS[name], STARTED)
    again = type(model).from_arrays(model.options, STARTED, model.arrays())
    prefixes = Prefixes.of([[1], [1, 2], [1, 4, 4]]).last(model.context_length)
    np.testing.assert_array_equal(again.next_logprobs(prefixes), model.next_logprobs(prefixes))


@pytest.mark.parametrize("kind", [MLP, GRU, TorchMLP, TorchGRU, Network])
def test_the_initial_model_is_that_of_a_training_of_no_effect(kind):
    """A first update with a rate of nearly nothing leaves the weights that it began with."""
    options = kind.Options(steps=1, learning_rate=1e-30, weight_decay=0)
    embedding = 4 if kind is Network else options.embedding
    data = dataset(STARTED)
    begun = kind.initial(options, STARTED, 5)
    trained = kind.fitted(options, STARTED, data, None, FitRun(seed=5))
    for name, array in trained.arrays().items():
        np.testing.assert_allclose(begun.arrays()[name], array, atol=1e-12)
    assert begun.embedding_table().shape == (STARTED.size, embedding)
    other = kind.initial(options, STARTED, 6).embedding_table()
    assert not np.allclose(begun.embedding_table(), other)


def test_a_model_that_draws_nothing_has_no_initial_model():
    assert NGram.initial(NGram.Options(), STARTED, 0) is None
    assert fitted(NGram, {}, STARTED).embedding_table() is None
