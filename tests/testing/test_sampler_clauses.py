"""Every clause of samplers finds the sampler that is made wrong in that way, and no other."""

from __future__ import annotations

import random
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from installing import Node
from made_wrong import (
    assert_every_clause_is_violated,
    assert_keeps_everything,
    assert_violates_what_it_says,
    classes,
    of_verdict,
    outcomes,
)

from tokgen.plugin_api import Field, PluginOptions
from tokgen.testing import samplers
from tokgen.testing.catalogue import plugin_under_test
from tokgen.testing.global_randomness import seeded_generators
from tokgen.testing.outcome import checked
from tokgen.testing.samplers.option_values import variants

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("wrong_plugins")]

WRONG = classes("samplers")
OWN = (
    "ban",
    "dry",
    "dynamic_temperature",
    "epsilon_cutoff",
    "eta_cutoff",
    "frequency_penalty",
    "greedy",
    "logit_bias",
    "min_length",
    "min_p",
    "mirostat",
    "no_repeat_ngram",
    "presence_penalty",
    "repetition_penalty",
    "temperature",
    "top_a",
    "top_h",
    "top_k",
    "top_n_sigma",
    "top_p",
    "typical_p",
    "xtc",
)
EXAMPLE = Path(__file__).parents[2] / "examples" / "tokgen-example"
ROW = "rows [[0]]"
RIGHT = {
    "mirostat-like": "samplers:MirostatLike",
    "dry-like": "samplers:DryLike",
    "xtc-like": "samplers:XtcLike",
    "example": "tokgen_example.sampler:MixedUniform",
    **{
        name: f"right_samplers:{name}"
        for name in (
            "Cooling",
            "Forever",
            "Remembers",
            "Coin",
            "WithoutSymbol",
            "LazyTable",
            "MasksItsNan",
        )
    },
}


@pytest.fixture
def right_samplers(tmp_path):
    site = Node(tmp_path)
    site.install("tokgen-right", {}, {"samplers": RIGHT})
    with site.found(EXAMPLE):
        yield


@pytest.mark.parametrize("name", WRONG)
def test_a_sampler_made_wrong_violates_what_it_says(name):
    assert_violates_what_it_says("samplers", name)


def test_every_clause_is_violated_by_a_sampler():
    assert_every_clause_is_violated("samplers")


@pytest.mark.usefixtures("right_samplers")
@pytest.mark.parametrize("name", [*OWN, *RIGHT])
def test_a_right_sampler_violates_nothing_and_nothing_is_skipped(name):
    assert_keeps_everything("samplers", name)


@pytest.mark.parametrize(
    ("name", "clause", "said", "shown"),
    [
        (
            "Noisy",
            "quiet-arithmetic",
            'apply warned "divide by zero encountered in log"',
            "share=0.2, rows [[-0.6931, -0.6931, -inf]]",
        ),
        ("AboveItself", "leaves-a-token", "row 0 has no token left", "p=1.0, rows [[0]]"),
        (
            "SmoothsOverAll",
            "removed-stays-removed",
            "token 2 of row 0 was removed and is -5.704 now",
            "rows [[-0.6931, -0.6931, -inf]]",
        ),
        (
            "GrowsBolder",
            "no-state",
            "the attribute 'calls' is another after a second call",
            "rows [[-0.6931, -0.6931]]",
        ),
        (
            "InPlace",
            "input-unharmed",
            "row 0 that was given is [-0.6931, -inf, -inf, -inf] afterwards",
            "rows [[-0.6931, -1.204, -1.897, -2.996]]",
        ),
        (
            "FlipsACoin",
            "no-global-randomness",
            "it used the random state of np.random",
            "rows [[0]]",
        ),
    ],
)
def test_the_smallest_input_is_shown_with_what_is_wrong(name, clause, said, shown):
    outcome = outcomes("samplers", name)[clause]
    assert (outcome.said, outcome.shown) == (said, shown)


@pytest.mark.parametrize(
    ("name", "clause", "mend"),
    [
        ("ZeroByZero", "quiet-arithmetic", "0/0 is NaN, and a comparison with NaN is False: "),
        ("Noisy", "quiet-arithmetic", 'with np.errstate(divide="ignore"): where log(0) = -inf '),
        ("SharesMemory", "quiet-arithmetic", "torch.tensor(logprobs) copies "),
        ("MoreThanThereAre", "applies", "logprobs is (B, V), here (1, 1): use axis=1, and never "),
        ("WantsAnA", "applies", "vocabularies differ; this one has the symbols '-': where a symb"),
        (
            "NotNeutral",
            "neutral-options",
            "under your neutral = Options(strength=1.0) this row should be unchanged: ",
        ),
    ],
)
def test_the_mend_is_that_of_the_fault(name, clause, mend):
    assert outcomes("samplers", name)[clause].mend.startswith(mend)


def test_the_place_of_what_is_raised_is_its_line():
    outcome = outcomes("samplers", "DividesByItsBound")["applies"]
    assert outcome.mend.startswith("the error above is in your code;")
    line = (
        Path(outcome.place.rpartition(":")[0])
        .read_text()
        .splitlines()[int(outcome.place.rpartition(":")[2]) - 1]
    )
    assert line.strip() == "self.factor = 1 / options.t"


@pytest.mark.parametrize(
    ("name", "clause", "cause"),
    [
        ("ZeroByZero", "nan-decides-nothing", "quiet-arithmetic"),
        ("CutsTheCertain", "large-batches", "leaves-a-token"),
        ("NoLogarithmOfWhatIsCut", "removed-stays-removed", "logs-not-probabilities"),
    ],
)
def test_what_follows_from_a_fault_is_told_behind_it_and_is_no_second_fault(name, clause, cause):
    found = outcomes("samplers", name)
    assert (found[clause].verdict, found[clause].said) == ("skipped", f"follows from {cause}")
    assert [*found].index(cause) < [*found].index(clause)


def test_what_was_kept_on_some_inputs_alone_says_so():
    kept = of_verdict("samplers", "MoreThanThereAre", "passed")
    assert re.fullmatch(
        r"on \d+ of \d+ inputs: for the others apply gave no result that could be looked at",
        kept["rows-independent"].said,
    )
    assert kept["known-needs"].said == ""


def test_what_is_read_undeclared_is_said_in_the_authors_terms():
    said = outcomes("samplers", "ForgotItsNeeds")["declared-needs"].said
    assert 'context.position is there for samplers that declare needs = "position"' in said


def test_the_past_is_shown_to_whoever_needs_it():
    shown = outcomes("samplers", "FirstHistory")["rows-independent"].shown
    assert "position [" in shown
    assert "ids [[" in shown


def test_what_could_not_be_looked_at_is_not_passed():
    kept_in_any_case = {"known-needs", "history-padding", "neutral-options"}
    assert of_verdict("samplers", "SinglePrecision", "passed").keys() == kept_in_any_case
    assert "rows-independent" in of_verdict("samplers", "Jitter", "skipped")


def test_random_states_are_as_before():
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    with seeded_generators() as used:
        random.random()
        torch.rand(1)
    assert used == ["random", "torch"]
    after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    assert after == before


@pytest.mark.parametrize("name", ["FlipsACoin", "SeedsEverybody", "Noisy"])
def test_a_check_leaves_the_process_as_it_was(name):
    def state():
        return list(warnings.filters), np.geterr(), np.random.get_state()[1].tolist()  # noqa: NPY002

    before = state()
    plugin = plugin_under_test("samplers", name, getattr(WRONG[name], "checked_with", {}))
    assert list(checked(samplers.CLAUSES, plugin))
    assert state() == before


class Many(PluginOptions):
    """Options with bounds of every kind."""

    share: float = Field(default=0.3, gt=0, lt=1, description="a share")
    count: int = Field(default=3, gt=0, le=9, description="a number")
    on: bool = Field(default=False, description="a switch")
    word: str = Field(default="a", description="a word")


def test_options_are_tried_at_their_bounds():
    tried = [each.model_dump() for each in variants(Many())]
    changed = [
        {key: value for key, value in each.items() if value != tried[0][key]} for each in tried
    ]
    assert changed == [
        {},
        {"share": 0.5},
        {"share": 1e-6},
        {"share": 1 - 1e-6},
        {"count": 2},
        {"count": 1},
        {"count": 9},
        {"on": True},
    ]
