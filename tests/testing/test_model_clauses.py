"""The clauses of models: each is violated by a model made wrong in just that way."""

from __future__ import annotations

import pytest
import torch
from made_wrong import (
    assert_every_clause_is_violated,
    assert_keeps_everything,
    assert_violates_what_it_says,
    classes,
    outcomes,
)

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _settings_of_torch():
    """As a new process has them: one of the wrong models changes them."""
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("wrong_plugins")
@pytest.mark.parametrize("name", classes("models"))
def test_each_fault_is_caught_by_its_clauses_alone(name):
    assert_violates_what_it_says("models", name)


@pytest.mark.usefixtures("wrong_plugins")
@pytest.mark.parametrize(
    "name", [name for name, each in classes("models").items() if not each.violates]
)
def test_what_is_beside_a_fault_keeps_everything(name):
    assert_keeps_everything("models", name)


@pytest.mark.usefixtures("wrong_plugins")
@pytest.mark.parametrize(
    ("name", "clause", "cause"),
    [
        ("DropsOut", "batch-independence", "repeatable"),
        ("DropsOutAlways", "random-state-alone", "repeatable"),
        ("DropsOutAlways", "given-declared", "repeatable"),
        ("ForgetsTheCache", "scores-as-rows", "cache-continues"),
        ("TwoDirections", "reported-loss", "causal"),
    ],
)
def test_what_follows_from_another_fault_says_from_which(name, clause, cause):
    assert outcomes("models", name)[clause].said == f"follows from {cause}"


@pytest.mark.usefixtures("wrong_plugins")
def test_a_clause_says_on_which_prefixes_a_model_gave_a_distribution():
    told = outcomes("models", "LogitsAtTheBeginning")["batch-independence"]
    assert told.verdict == "passed"
    assert told.said == "on 9 of 12 prefixes: for the others next_logprobs gave no distribution"


@pytest.mark.usefixtures("wrong_plugins")
def test_a_clause_says_for_how_many_of_the_prefixes_it_is_kept():
    told = outcomes("models", "LastColumn")["beginning-respected"]
    assert told.kept.endswith(" of 12 prefixes asked together")


def test_every_clause_is_tried_on_a_fault():
    assert_every_clause_is_violated("models")


@pytest.mark.parametrize(
    "name", ["ngram", "mlp", "rnn", "gru", "lstm", "cnn", "transformer", "mixture"]
)
def test_first_party_models_violate_and_skip_nothing(name):
    assert_keeps_everything("models", name)


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm"])
def test_recurrent_networks_in_float32_violate_and_skip_nothing(name):
    assert_keeps_everything("models", name, precision="float32")


SMALL = [
    "bigram",
    "told",
    "single",
    "blend",
    "told-blend",
    "network",
    "told-network",
    "positions",
]


@pytest.mark.usefixtures("small_plugins")
@pytest.mark.parametrize("name", SMALL)
def test_small_right_models_violate_and_skip_nothing(name):
    assert_keeps_everything("models", name)
