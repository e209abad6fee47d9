"""A clause is made of a function; what comes of it is told as passed, failed or skipped."""

from __future__ import annotations

import pytest
from small_plugins import Bigram

from tokgen import registry
from tokgen.errors import PluginError
from tokgen.plugin_api import Field, PluginOptions
from tokgen.testing.catalogue import CLAUSES, plugin_under_test
from tokgen.testing.clause import (
    ClauseNotCheckedError,
    ClauseViolatedError,
    clause,
    follows_from,
)
from tokgen.testing.clock import Clock
from tokgen.testing.example_options import example_options
from tokgen.testing.outcome import outcome_of


class Nothing:
    """A plugin of which nothing is asked."""

    found = registry.find("samplers", "greedy")
    refused_calls = {}
    told_errors = {}


def even_numbers(number):
    """The number is even
    in every way.

    Why: it says so.

    Mend: add one.
    """
    if isinstance(number.clock, int):
        raise AssertionError


def made(check):
    check.__doc__ = even_numbers.__doc__
    return clause(check)


def test_a_clause_is_its_functions_docstring():
    made = clause(even_numbers)
    assert (made.id, made.wants) == ("even-numbers", "The number is even in every way.")
    assert (made.why, made.mend) == ("It says so.", "Add one.")


def violated(plugin):
    raise ClauseViolatedError("it is odd", "3")


def not_checked(plugin):
    raise ClauseNotCheckedError("it is too large")


def blamed(plugin):
    raise PluginError("The sampler failed.")


def kept(plugin):
    pass


@pytest.mark.parametrize(
    ("check", "verdict", "said", "shown"),
    [
        (kept, "passed", "", ""),
        (violated, "failed", "it is odd", "3"),
        (not_checked, "skipped", "it is too large", ""),
        (blamed, "failed", "The sampler failed.", ""),
    ],
)
def test_what_comes_of_a_check(check, verdict, said, shown):
    outcome = outcome_of(made(check), Nothing())
    assert (outcome.verdict, outcome.said, outcome.shown) == (verdict, said, shown)


@pytest.mark.parametrize(
    ("cause", "consequence", "verdict", "said"),
    [
        (violated, violated, "skipped", "follows from violated"),
        (blamed, violated, "skipped", "follows from blamed"),
        (violated, blamed, "skipped", "follows from violated"),
        (violated, kept, "passed", ""),
        (kept, violated, "failed", "it is odd"),
        (not_checked, violated, "failed", "it is odd"),
        (not_checked, blamed, "failed", "The sampler failed."),
    ],
)
def test_a_clause_is_not_blamed_for_what_follows_from_another(cause, consequence, verdict, said):
    outcome = outcome_of(follows_from(made(cause))(made(consequence)), Nothing())
    assert (outcome.verdict, outcome.said) == (verdict, said)


@pytest.mark.parametrize("raised", [violated, not_checked])
def test_what_a_clause_raises_amid_a_call_is_not_the_plugins_failure(raised):
    def check(plugin):
        with plugin.calling("apply"):
            raised(plugin)

    plugin = plugin_under_test("samplers", "greedy", {})
    alone, amid = outcome_of(made(raised), plugin), outcome_of(made(check), plugin)
    assert (amid.verdict, amid.said, amid.shown) == (alone.verdict, alone.said, alone.shown)


def test_a_fault_of_a_check_is_not_the_plugins():
    def faulty(plugin):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outcome_of(made(faulty), Nothing())


def test_what_takes_too_long_is_skipped_and_not_passed():
    tried = []

    def slow(plugin):
        for case in plugin.clock.cases(range(4)):
            tried.append(case)

    outcome = outcome_of(made(slow), Nothing(), seconds=0)
    assert outcome.verdict == "skipped"
    assert outcome.said == f"it takes longer than 0 s: {len(tried)} of 4 inputs were tried"
    assert outcome_of(made(slow), Nothing()).verdict == "passed"


def test_what_is_violated_on_some_inputs_says_on_which_it_was_kept():
    def from_two_on(plugin):
        for case in plugin.clock.cases(range(4)):
            if case == 2:
                raise ClauseViolatedError("it is even")

    def afterwards(plugin):
        assert list(plugin.clock.cases(range(4)))
        raise ClauseViolatedError("it is odd")

    assert outcome_of(made(from_two_on), Nothing()).kept == "on the first 2 of 4 inputs"
    assert outcome_of(made(afterwards), Nothing()).kept == ""


class Needy(PluginOptions):
    """Options of which most are required."""

    share: float = Field(gt=0, lt=1, description="a share")
    count: int = Field(ge=2, description="a number")
    word: str = Field(min_length=1, description="a text")
    many: tuple[int, ...] = Field(min_length=1, description="several")
    other: int = Field(default=7, description="has a default")


def test_examples_are_found_for_what_is_required():
    assert example_options(Needy) == {"share": 0.5, "count": 2, "word": "a", "many": [1]}
    assert example_options(Bigram.Options) == {}


def test_an_option_without_an_example_is_told():
    class Odd(PluginOptions):
        """An option that only one word fits."""

        word: str = Field(pattern="^abracadabra$", description="the word")

    with pytest.raises(ClauseNotCheckedError, match="give one with -o word="):
        example_options(Odd)


def test_every_clause_says_what_it_wants_and_has_an_id_of_its_own():
    for clauses in CLAUSES.values():
        assert len({each.id for each in clauses}) == len(clauses)
        for each in clauses:
            assert each.wants.endswith(".")
            assert each.why.endswith(".")
            assert each.mend.endswith(".")


def test_what_all_clauses_share_is_nobodys_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("tokgen.testing.clock.time.perf_counter", lambda: now[0])
    clock = Clock(5.0)
    now[0] += 1.0
    with clock.stopped():
        now[0] += 60.0
    assert clock.elapsed == 1.0
    assert list(clock.cases([1, 2])) == [1, 2]
