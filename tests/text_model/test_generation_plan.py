"""Which method answers which request: one place chooses, and can say why."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from running import tokgen as run

import tokgen
from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.exact.memory import memory_of
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.text_model.generation_plan import Method, plan_lines
from tokgen.text_model.generation_request import GenerationRequest

SUFFIX = Conditions(suffix="sh")


@pytest.fixture(scope="module")
def models():
    return {name: tokgen.load("indian-names", name) for name in ("mlp", "gru", "ngram")}


@pytest.mark.parametrize(
    ("model", "request_", "method", "said"),
    [
        ("mlp", GenerationRequest(), Method.grow, "nothing is asked"),
        ("mlp", GenerationRequest(conditions=SUFFIX), Method.table, "a backward pass"),
        ("ngram", GenerationRequest(conditions=SUFFIX), Method.table, "a backward pass"),
        ("gru", GenerationRequest(conditions=SUFFIX), Method.search, "reads all tokens before"),
        ("mlp", GenerationRequest(unique=True), Method.search, "without replacement"),
        (
            "mlp",
            GenerationRequest(conditions=SUFFIX, memory=memory_of(1000, 27)),
            Method.search,
            "more than 1,000 states",
        ),
    ],
)
def test_method_and_reason(models, model, request_, method, said):
    plan = models[model].generation(request_).plan
    assert plan.method is method
    assert said in plan.reason


@pytest.mark.parametrize(
    ("model", "count", "method"),
    [("mlp", 1999, Method.grow), ("mlp", 2000, Method.table), ("gru", 2000, Method.grow)],
)
def test_lines_come_from_a_table_where_it_pays(models, model, count, method):
    request = GenerationRequest(count)
    assert plan_lines(request, models[model].source()).method is method


def test_the_first_are_the_same_by_every_method(models):
    for name, model in models.items():
        few = [f"{each.text}\n" for each in model.generate(30, seed=9)]
        many = b"".join(model.generation(GenerationRequest(5000, seed=9)).lines()).decode()
        assert many.splitlines(keepends=True)[:30] == few, name


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"count": -1}, "it cannot be negative"),
        ({"max_length": -1}, "it cannot be negative"),
        ({"max_length": 5, "unique": True}, "a length limit cannot be given"),
        ({"max_length": 5, "conditions": SUFFIX}, "a length limit cannot be given"),
    ],
)
def test_a_wrong_request_is_refused_when_it_is_made(wrong, said):
    with pytest.raises(RequestError, match=said):
        GenerationRequest(**wrong)


def test_a_request_does_not_change():
    request = GenerationRequest(prefix="e\u0301")
    assert request.prefix == "é"
    with pytest.raises(FrozenInstanceError):
        request.count = 3


def test_wrong_arguments_raise_at_the_call(models):
    with pytest.raises(RequestError, match="longer than the length limit"):
        models["mlp"].generate(3, prefix="shalini", max_length=3)
    with pytest.raises(RequestError, match="is not one of a-z"):
        models["mlp"].generate(3, prefix="SHA")
    with pytest.raises(RequestError, match="There is no sampler 'top'"):
        models["mlp"].generate(3, samplers=["top"])


def test_the_command_line_says_the_method():
    done = run(
        *("generate", "--model", "mlp", "-n", 2, "--seed", 1),
        *("--length", 6, "--suffix", "sh", "--explain-plan"),
    )
    assert done.code == 0
    assert "method table: model and conditions are a finite Markov chain" in done.err
    assert parse_chain(["top_k:k=3"]).counts_to == 0
