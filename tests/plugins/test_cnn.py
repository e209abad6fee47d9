"""The CNN: numpy and torch agree, 2^layers tokens matter and no more, bits are a prefix' own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from bits import assert_a_row_is_its_own
from models import symbols
from tokgen_models.cnn import CNN
from tokgen_models.cnn_network import TorchCNN

import tokgen
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary

PLAIN = symbols(5)
VOCABULARIES = {
    "plain": PLAIN,
    "start id": Vocabulary((*PLAIN.symbols, "^"), PLAIN.terminator_id, start_id=5),
    "columns": PLAIN.with_columns({"colour": ("red", "blue"), "size": ("large",)}),
}
ROWS = [[], [1], [2, 2, 2, 2, 2, 2], [0, 3, 1, 2], [3, 1], [3, 1, 0], [1, 2, 3, 0, 1, 2, 3, 0, 1]]


def network(vocabulary, **options):
    begun = TorchCNN.initial(CNN.Options(channels=7, **options), vocabulary, seed=3)
    with torch.no_grad():
        for parameter in begun.parameters():
            parameter.mul_(4)  # a power of two: no bit is lost in float32
    return begun


def in_numpy(begun):
    return CNN.from_arrays(begun.options, begun.vocabulary, begun.arrays())


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("vocabulary", list(VOCABULARIES))
def test_forward_passes_agree(vocabulary, layers):
    vocabulary = VOCABULARIES[vocabulary]
    begun = network(vocabulary, layers=layers)
    for told in [(1, 0), (2, 1)] if vocabulary.columns else [()]:
        prefixes = Prefixes.of([[*vocabulary.beginning, *row] for row in ROWS], told)
        expected = begun.next_logprobs(prefixes)
        np.testing.assert_allclose(in_numpy(begun).next_logprobs(prefixes), expected, atol=1e-10)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("vocabulary", list(VOCABULARIES))
def test_what_it_explains_is_what_it_computes(vocabulary, row):
    """The layers worked out again from the two places that each is said to read."""
    vocabulary = VOCABULARIES[vocabulary]
    model = in_numpy(network(vocabulary, layers=3))
    told = (2, 1) if vocabulary.columns else ()
    one = Prefixes.of([[*vocabulary.beginning, *row]], told).last(model.context_length)
    *layers, total, logits, softmax = model.explain(one)
    weights, skips = model.weights, 0
    for number, step in enumerate(layers):
        both, mixed = (f"layers.{number}.{each}" for each in ("both", "mixed"))
        x = step.values.reshape(-1)
        filtered, gate = np.split(weights[f"{both}.weight"] @ x + weights[f"{both}.bias"], 2)
        out = np.tanh(filtered) / (1 + np.exp(-gate))
        skips += (weights[f"{mixed}.weight"] @ out + weights[f"{mixed}.bias"])[7:]
    np.testing.assert_allclose(total.values, skips, atol=1e-10)
    follow = vocabulary.can_follow
    expected = weights["output.weight"] @ np.maximum(skips, 0) + weights["output.bias"]
    np.testing.assert_allclose(logits.values[follow], expected[follow], atol=1e-10)
    np.testing.assert_allclose(softmax.values, np.exp(model.next_logprobs(one)[0]), atol=1e-12)


def test_it_names_the_places_that_each_layer_reads():
    model = in_numpy(network(PLAIN, layers=3))
    steps = model.explain(Prefixes.of([[3, 1, 0]]))
    assert [step.rows for step in steps[:3]] == [("b", "a"), ("d", "a"), ("(before)", "a")]
    assert steps[1].name == "layer 2: tanh(F x) · σ(G x), F and G 7 × 14, x from 2 back and here"
    assert steps[4].name == "logits: W max(s, 0) + b, W 5 × 7"


@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
def test_equal_prefixes_get_equal_bits_in_every_batch(batch):
    assert_a_row_is_its_own(in_numpy(network(PLAIN, layers=3)), batch)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_as_many_tokens_matter_as_it_says(layers):
    model, random = in_numpy(network(PLAIN, layers=layers)), np.random.default_rng(0)
    context = model.context_length
    assert context == 2**layers
    row = random.integers(0, 4, context + 5)
    whole = model.next_logprobs(Prefixes.of([row.tolist()]))
    np.testing.assert_array_equal(
        whole, model.next_logprobs(Prefixes.of([row[-context:].tolist()]))
    )
    row[-context] = (row[-context] + 1) % 4
    assert (whole != model.next_logprobs(Prefixes.of([row.tolist()]))).any()


def test_a_view_shows_the_one_terminator_that_is_read_and_no_more():
    words = ["abid", "bela", "lima"] * 5
    model = tokgen.train(words, model="cnn", options={"steps": 0, "layers": 3}, seed=1)
    assert model.model.context_length == 8
    assert "".join(model.next("abi").window) == "-abi"
    assert "".join(model.next("abiabiabi").window) == "biabiabi"
    worked = model.loss("abi")
    assert ["".join(each) for each in worked.contexts] == ["-", "-a", "-ab", "-abi"]
    padded = tokgen.train(words, model="mlp", options={"steps": 0}, seed=1)
    assert "".join(padded.next("a").window) == "--a"
