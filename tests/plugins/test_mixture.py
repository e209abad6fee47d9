"""The mixture: its rows and weights against sums written out, over bounded and unbounded parts."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from bits import assert_a_row_is_its_own
from models import TableModel, symbols
from tokgen_models.gru import GRU
from tokgen_models.mixture import PRIOR, Mixture
from words import WORDS, words_file

from tokgen.errors import RequestError
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.text_model.text_model import TextModel
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

VOCABULARY = symbols(4)


def table(context, seed):
    model = TableModel.random(4, context, seed)
    model.vocabulary = VOCABULARY
    return model


def gru():
    return GRU.initial(GRU.Options(hidden=5, embedding=3), VOCABULARY, seed=1)


def mixture(parts, positions=0, rounds=200):
    named = {str(number): part for number, part in enumerate(parts)}
    options = Mixture.Options(parts=tuple(named), positions=positions, rounds=rounds)
    return Mixture(options, VOCABULARY, named)


def fitted(parts, data, **options):
    model = mixture(parts, **options)
    model.fit(data, data, FitRun())
    model.prepare()
    return model


def drawn(count, seed):
    random = np.random.default_rng(seed)
    rows = [random.integers(0, 3, length).tolist() for length in random.integers(0, 5, count)]
    return Dataset(EncodedDocuments.of(rows), VOCABULARY), rows


def some_prefixes(letters, longest):
    lengths = range(longest + 1)
    return [list(ids) for n in lengths for ids in itertools.product(range(letters), repeat=n)]


def probability(part, row, place):
    """Of the token at a place of a document, by one part, asked alone."""
    target = [*row, VOCABULARY.terminator_id][place]
    seen = Prefixes.of([row[:place]]).last(part.context_length)
    return np.exp(part.next_logprobs(seen)[0, target])


PARTS = {
    "bounded": lambda: [table(0, 1), table(1, 2), table(2, 3)],
    "unbounded": lambda: [table(1, 2), gru()],
}


@pytest.mark.parametrize("positions", [0, 2])
@pytest.mark.parametrize("kind", list(PARTS))
def test_rows_are_the_weighted_sum(kind, positions):
    parts, (data, _) = PARTS[kind](), drawn(40, 0)
    model = fitted(parts, data, positions=positions)
    prefixes = some_prefixes(letters=3, longest=3)
    actual = model.next_logprobs(Prefixes.of(prefixes).last(model.context_length))
    for prefix, logprobs in zip(prefixes, actual, strict=True):
        weights = model.weights[min(len(prefix), positions)]
        alone = Prefixes.of([prefix])
        expected = sum(
            weight * np.exp(part.next_logprobs(alone.last(part.context_length))[0])
            for weight, part in zip(weights, parts, strict=True)
        )
        np.testing.assert_allclose(np.exp(logprobs), expected, atol=1e-12)


def test_no_other_weights_make_the_held_out_documents_more_probable():
    """The log-likelihood is concave: at its peak no part gains by taking weight from another."""
    parts, (data, rows) = PARTS["bounded"](), drawn(200, 1)
    weights = fitted(parts, data, rounds=3000).weights[0]
    judged = np.array(
        [
            [probability(part, row, place) for part in parts]
            for row in rows
            for place in range(len(row) + 1)
        ]
    )
    gains = (judged / (judged @ weights)[:, None]).mean(axis=0)
    assert (gains <= 1 + 1e-6).all()
    np.testing.assert_allclose(gains[weights > 1e-3], 1, atol=1e-3)


def test_a_round_gives_each_part_its_mean_share():
    parts, (data, rows) = PARTS["bounded"](), drawn(30, 2)
    weights = fitted(parts, data, rounds=1).weights[0]
    shares = []
    for row in rows:
        for place in range(len(row) + 1):
            judged = np.array([probability(part, row, place) for part in parts])
            shares.append(judged / judged.sum())
    np.testing.assert_allclose(weights, np.mean(shares, axis=0), atol=1e-12)


def test_a_position_of_few_tokens_has_nearly_the_weights_of_all():
    parts, (data, rows) = PARTS["bounded"](), drawn(30, 3)
    model = fitted(parts, data, positions=9)
    assert max(map(len, rows)) < 9
    np.testing.assert_allclose(model.weights[9], mixture_weights(parts, data), atol=1e-12)
    assert PRIOR > 0


def mixture_weights(parts, data):
    return fitted(parts, data).weights[0]


@pytest.mark.parametrize("batch", [1, 7, 300])
def test_equal_prefixes_get_equal_bits_in_every_batch(batch):
    data, _ = drawn(40, 0)
    parts = [gru(), GRU.initial(GRU.Options(hidden=7, embedding=3), VOCABULARY, seed=2)]
    assert_a_row_is_its_own(fitted(parts, data, positions=2), batch)


def test_equal_keys_have_equal_rows():
    data, _ = drawn(40, 0)
    model = fitted(PARTS["bounded"](), data, positions=7)
    rows = some_prefixes(letters=2, longest=8)
    prefixes = Prefixes.of(rows).last(model.context_length)
    keys, logprobs = model.state_keys(prefixes), model.next_logprobs(prefixes)
    assert keys.min() >= 0
    assert keys.max() <= VOCABULARY.size + 1
    by_key = {}
    for key, row in zip(map(tuple, keys), logprobs, strict=True):
        by_key.setdefault(key, row)
        np.testing.assert_allclose(by_key[key], row)
    assert len(by_key) < len(rows)


@pytest.mark.parametrize("refit", [False, True])
def test_a_refit_keeps_the_weights_of_the_first_fit(tmp_path, refit):
    options = {"parts": json.dumps(["ngram:order=2", "ngram:order=3"])}
    recipe = Recipe(corpus=words_file(tmp_path), model="mixture", options=options, refit=refit)
    checkpoint = train(plan(recipe)).checkpoint
    first = train(plan(recipe.model_copy(update={"refit": False}))).checkpoint
    np.testing.assert_array_equal(checkpoint.model.weights, first.model.weights)
    assert not np.allclose(checkpoint.model.weights, 1 / 2)


def test_over_bounded_parts_it_is_a_finite_markov_chain(tmp_path):
    options = {"parts": json.dumps(["ngram:order=2", "ngram:order=3"]), "positions": "2"}
    recipe = Recipe(corpus=words_file(tmp_path), model="mixture", options=options)
    model = TextModel(train(plan(recipe)).checkpoint)
    best = list(model.top(count=3))
    for document in best:
        assert document.logprob == pytest.approx(model.score(document.text).logprob)
    assert [each.logprob for each in best] == sorted((each.logprob for each in best), reverse=True)


@pytest.mark.parametrize("parts", [["ngram"], ["ngram:order=1", "rnn:steps=300,hidden=32"]])
def test_columns_are_told_where_a_part_reads_them(tmp_path, parts):
    path = tmp_path / "words.csv"
    path.write_text("name,sex\n" + "".join(f"{word},f\n{word}o,m\n" for word in WORDS))
    recipe = Recipe(
        corpus=str(path),
        column="name",
        model="mixture",
        options={"parts": parts},
        condition_on=("sex",),
    )
    if len(parts) == 1:
        with pytest.raises(RequestError, match="cannot be told a column: it ignores sex"):
            plan(recipe)
    else:
        model = train(plan(recipe)).checkpoint.model
        told = [model.next_logprobs(Prefixes.of([[1]], (value,))) for value in (1, 2)]
        assert (told[0] != told[1]).any()


def test_it_explains_its_parts():
    data, _ = drawn(40, 0)
    model = fitted(PARTS["bounded"](), data)
    one = Prefixes.of([[1, 2]])
    weights, given, weighted, mean = model.explain(one)
    assert weights.rows == given.columns == weighted.columns == ("0", "1", "2")
    for number, part in enumerate(model.parts.values()):
        alone = np.exp(part.next_logprobs(one.last(part.context_length))[0])
        np.testing.assert_array_equal(given.values[:, number], alone)
        expected = weights.values[number] * alone
        np.testing.assert_array_equal(weighted.values[:, number], expected)
    np.testing.assert_allclose(weighted.values.sum(axis=1), mean.values)
