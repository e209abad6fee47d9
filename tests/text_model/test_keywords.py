"""A model asked from Python: every way to ask for one thing gives the same."""

from __future__ import annotations

import numpy as np
import pytest

import tokgen
from tokgen.exact.conditions import Conditions
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.text_model.analysis import analyze
from tokgen.text_model.tree import generation_tree


@pytest.fixture(scope="module")
def model():
    return tokgen.load("indian-names", "ngram")


WRITTEN = ["top_p:p=0.9", "temperature:t=0.8"]


@pytest.mark.parametrize(
    "asked",
    [
        {"samplers": WRITTEN},
        {"samplers": parse_chain(WRITTEN)},
        {"samplers": (each for each in WRITTEN)},
        {"samplers": [tokgen.sampler("top_p", p=0.9), "temperature:t=0.8"]},
        {"samplers": "top_p:p=0.9", "temperature": 0.8},
        {"samplers": tokgen.sampler("top_p", p=0.9), "temperature": 0.8},
        {"temperature": 0.8, "top_p": 0.9},
    ],
)
def test_samplers_are_asked_for_in_any_way(model, asked):
    expected = model.next("abi", parse_chain(WRITTEN))
    shown = model.next("abi", **asked)
    assert shown.labels == expected.labels
    np.testing.assert_array_equal(shown.probs, expected.probs)
    np.testing.assert_array_equal(np.log(shown.model_probs), model.next("abi").logprobs)


class Halved(tokgen.Sampler):
    """The logits are divided by two."""

    def apply(self, logprobs, context):
        return logprobs / 2


HALVED = Halved(tokgen.PluginOptions())


@pytest.mark.parametrize("asked", [HALVED, [HALVED]])
def test_a_sampler_may_be_one_of_your_own(model, asked):
    shown = model.next("abi", asked)
    assert shown.labels == ("Halved",)
    np.testing.assert_allclose(shown.probs, model.next("abi", temperature=2).probs)


@pytest.mark.parametrize("wrong", [3, [0.9], Halved, None])
def test_what_is_no_sampler_is_refused_with_how_one_is_written(model, wrong):
    with pytest.raises(tokgen.RequestError, match="A sampler is written"):
        model.next("abi", wrong)


def test_shorthands_truncate_first_and_temperature_one_is_none(model):
    shown = model.next("abi", temperature=2, min_p=0.01, top_k=5)
    assert shown.labels == ("top_k k=5", "min_p p=0.01", "temperature t=2.0")
    assert model.next("abi", temperature=1).labels == ()


CONDITIONS = Conditions(lengths=(5, 8), suffix="a", novel=True)


def test_conditions_are_keywords_too(model):
    asked = {"prefix": "ka", "seed": 1, "unique": True, "temperature": 0.8}
    expected = list(
        model.generate(
            20, conditions=CONDITIONS, samplers=["temperature:t=0.8"], **asked | {"temperature": 1}
        )
    )
    found = list(model.generate(20, length="5..8", suffix="a", novel=True, **asked))
    assert found == expected
    assert all(5 <= len(each.text) <= 8 and each.text.endswith("a") for each in found)
    half = Conditions(suffix="a", novel=True)
    assert list(model.generate(20, length="5..8", conditions=half, **asked)) == expected
    best = list(model.top(5, length=6, prefix="ka"))
    assert best == list(model.top(5, conditions=Conditions(lengths=(6, 6)), prefix="ka"))
    assert model.analyze("ka", length=6) == analyze(
        model, model.source("ka", conditions=Conditions(lengths=(6, 6)))
    )


def test_a_seed_that_is_drawn_is_told(model):
    drawn = model.generate(5)
    assert list(model.generate(5, seed=drawn.seed)) == list(drawn)
    assert len({model.generate(1).seed for _ in range(20)}) > 1


def test_the_ids_of_a_document_are_those_of_its_text(model):
    for each in (*model.generate(20, seed=1, prefix="sh"), *model.top(20, prefix="sh")):
        assert list(each.ids) == model.tokenizer.encode(each.text)


def test_a_tree_is_that_of_the_command_line(model):
    beginning = model.beginning("ab")
    from tokgen.generation.growth import Growth

    growth = Growth.begin(model.model, parse_chain(["top_k:k=3"]), beginning)
    expected = generation_tree(model.tokenizer, growth, 2, 4)
    assert model.tree("ab", depth=2, width=4, top_k=3) == expected


def test_what_is_saved_is_loaded(model, tmp_path):
    model.save(tmp_path / "m.safetensors")
    again = tokgen.load(checkpoint=str(tmp_path / "m.safetensors"))
    assert again.fingerprint == model.fingerprint


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda m: m.generate(temprature=1), "generate() has no argument 'temprature'. Did you"),
        (lambda m: m.generate(samplers="tpo_p:p=1"), "There is no sampler 'tpo_p'. Did you mean"),
        (lambda m: m.generate(length="5-8"), "Did you mean 5..8?"),
        (lambda m: m.generate(novel_distance=0), "A distance from the corpus is 1 edit or more"),
        (
            lambda m: m.top(length=5, conditions=Conditions(lengths=(5, 5))),
            "The condition 'length' is given twice.",
        ),
        (lambda m: m.generate(beam=5, seed=1), "A beam draws nothing: a seed has no effect."),
        (lambda m: m.next(length=5), "next() has no argument 'length'."),
        (lambda m: m.next(temperature=-1), "Sampler 'temperature'"),
        (
            lambda m: m.top(suffix="a", conditions=CONDITIONS),
            "The condition 'suffix' is given twice.",
        ),
        (lambda m: m.generate(sampler="top_k:k=3"), "'sampler'. Did you mean 'samplers'?"),
        (lambda m: m.next("a", sampler="top_k:k=3"), "'sampler'. Did you mean 'samplers'?"),
        (lambda m: m.tree("a", dept=3), "tree() has no argument 'dept'. Did you mean 'depth'?"),
        (lambda m: m.score("a", gven={}), "score() has no argument 'gven'. Did you mean 'given'?"),
        (lambda m: m.step("a", rte=1), "step() has no argument 'rte'. Did you mean 'rate'?"),
        (lambda m: m.embeddings(inital=True), "Did you mean 'initial'?"),
        (lambda m: tokgen.load("x", modle="mlp"), "'modle'. Did you mean 'model'?"),
        (lambda m: tokgen.train(["a"], modle="mlp"), "'modle'. Did you mean 'model'?"),
        (lambda m: m.next("a").plot(axs=None), "plot() has no argument 'axs'. Did you mean 'ax'?"),
        (lambda m: tokgen.plot_losses([], axs=None), "'axs'. Did you mean 'ax'?"),
        (lambda m: m.steps(novel=True), "steps() has no argument 'novel'."),
    ],
)
def test_what_is_wrong_raises_at_the_call(model, ask, said):
    with pytest.raises(tokgen.RequestError) as raised:
        ask(model)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda model: model.score(3), "A text is needed, not int."),
        (lambda model: model.loss(3), "A text is needed, not int."),
        (lambda model: model.step(3), "A text is needed, not int."),
        (lambda model: model.tree("a", depth=0), "depth is at least 1, not 0."),
        (lambda model: model.tree("a", width=0), "width is at least 1, not 0."),
        (lambda model: model.tree("a", depth="3"), "depth is a whole number, not '3'."),
        (lambda model: model.top("a"), "count is a whole number, not 'a'."),
        (lambda model: model.top(-1), "count is at least 0, not -1."),
        (
            lambda model: model.step("abi", rate="x"),
            "A learning rate is above 0 and at most 1,000, not 'x'.",
        ),
        (lambda model: model.generate(3, min_logprob="x"), "min_logprob is a number, not 'x'."),
        (lambda model: model.generate(3, quality="x"), "quality is a number, not 'x'."),
        (
            lambda model: model.told("f"),
            "given is a mapping of columns to their values, not 'f'.",
        ),
    ],
)
def test_each_view_refuses_what_is_of_a_wrong_kind(model, ask, said):
    with pytest.raises(tokgen.RequestError) as refused:
        ask(model)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"count": "3"}, "count is a whole number, not '3'."),
        ({"seed": "x"}, "seed is a whole number, not 'x'."),
        ({"seed": -1}, "The seed is -1: it is from 0 to 18446744073709551615."),
        ({"max_length": 2.5}, "max_length is a whole number, not 2.5."),
        ({"novel": "yes"}, "novel is True or False, not 'yes'."),
        ({"unique": 3}, "unique is True or False, not 3."),
        ({"prefix": ["a"]}, "A text is needed, not list."),
    ],
)
def test_what_is_of_a_wrong_kind_is_refused_at_the_call(model, asked, said):
    with pytest.raises(tokgen.RequestError) as refused:
        model.generate(**asked)
    assert str(refused.value) == said
