"""Clauses of purity: `apply` changes nothing, keeps nothing and draws nothing."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from tokgen.errors import PluginError
from tokgen.plugin_api.options import PluginOptions
from tokgen.testing.clause import Clause, ClauseNotCheckedError, ClauseViolatedError, clause
from tokgen.testing.samplers.sampler_under_test import SamplerUnderTest, Tried
from tokgen.testing.samplers.written import numbers


@clause
def input_unharmed(plugin: SamplerUnderTest) -> None:
    """`apply` leaves the rows and the context that it is given as they are.

    Why: the same rows are shown and given to other samplers, so tokgen hands out arrays that refuse
    to be written into, and `apply` would fail.

    Mend: write into a copy (`changed = logprobs.copy()`), or make a new array with `np.where`; of
    `out=`, `+=` and `np.put_along_axis` each writes into its array.
    """
    plugin.check_step("harm")
    for tried in plugin.tried():
        before, after = tried.batch.rows, tried.result.rows_after
        for row in np.flatnonzero((before != after).any(axis=1)).tolist():
            told = numbers(after[row]) if after.shape[1] <= 12 else "other numbers"
            raise ClauseViolatedError(
                f"row {row} that was given is {told} afterwards",
                plugin.shown(tried.options, tried.batch, row),
            )


@clause
def deterministic(plugin: SamplerUnderTest) -> None:
    """Equal rows, options and histories give equal results.

    Why: a sampler draws nothing: what is shown is what is drawn, and a seed gives the same document
    again, only where `apply` does the same each time.

    Mend: return the possible results as `Branches((probability, one), (1 - probability, other))`
    instead of choosing by chance; keep no count in a class attribute or a global variable.
    """
    for tried in plugin.tried():
        said = plugin.otherwise(tried, plugin.call(tried.options, tried.batch))
        if said is not None:
            raise ClauseViolatedError(
                f"called again, {said}", plugin.shown(tried.options, tried.batch)
            )


@clause
def no_global_randomness(plugin: SamplerUnderTest) -> None:
    """`apply` uses none of the random generators that belong to everybody.

    Why: whoever calls it would get other random numbers because of it, and its results would depend
    on who has drawn before.

    Mend: a sampler flips no coin: return `Branches` with the weight of each side.
    """
    for tried in plugin.tried():
        for name in tried.result.generators_used:
            raise ClauseViolatedError(
                f"it used the random state of {name}", plugin.shown(tried.options, tried.batch)
            )


@clause
def no_state(plugin: SamplerUnderTest) -> None:
    """`apply` keeps nothing on `self`: what it was called with before does not matter.

    Why: one sampler serves many sequences at once, and steps may be taken back; what it remembers
    of one would change another.

    Mend: read what was drawn from the context (`needs = "history"`), and compute in `__init__` what
    follows from the options alone.
    """
    shared: dict[int, tuple[Any, dict[str, bytes]]] = {}
    for tried in plugin.tried():
        key = id(tried.options)
        if key not in shared:
            shared[key] = (_made(plugin, tried.options), {})
        sampler, attributes = shared[key]
        _expect_as_new(plugin, tried, sampler)
        now = _attributes(sampler)
        for name, value in now.items():
            if attributes and attributes.get(name) != value:
                raise ClauseViolatedError(
                    f"the attribute {name!r} is another after a second call",
                    plugin.shown(tried.options, tried.batch),
                )
        attributes.update(now)


def _made(plugin: SamplerUnderTest, options: PluginOptions) -> Any:
    try:
        return plugin.made(options)
    except PluginError as error:
        raise ClauseNotCheckedError(str(error)) from None


def _expect_as_new(plugin: SamplerUnderTest, tried: Tried, sampler: Any) -> None:
    """A sampler that was called before must do what a new one does."""
    said = plugin.otherwise(tried, plugin.call_made(sampler, tried.batch))
    if said is None:
        return
    if plugin.is_chance(tried):
        raise ClauseNotCheckedError("equal calls give different results already")
    raise ClauseViolatedError(
        f"after other calls, {said}", plugin.shown(tried.options, tried.batch)
    )


def _attributes(sampler: Any) -> dict[str, bytes]:
    return {name: _frozen(value) for name, value in vars(sampler).items()}


def _frozen(value: Any) -> bytes:
    """Another where the value has changed; of what cannot be pickled, how it is written."""
    try:
        return pickle.dumps(value)
    except Exception:  # whatever a class of the plugin's raises there
        return repr(value).encode()


CLAUSES: tuple[Clause, ...] = (input_unharmed, deterministic, no_global_randomness, no_state)
