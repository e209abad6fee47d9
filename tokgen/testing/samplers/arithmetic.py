"""Clauses of the formula: no warning, no decision by NaN, no change by neutral options."""

from __future__ import annotations

import warnings

import numpy as np

from tokgen.arrays import Floats, normalised, read_only
from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.options import PluginOptions
from tokgen.testing.clause import Clause, ClauseNotCheckedError, ClauseViolatedError, clause
from tokgen.testing.global_randomness import seeded_generators
from tokgen.testing.samplers.batches import Batch, batches
from tokgen.testing.samplers.nan_comparisons import with_nan_above_and_below
from tokgen.testing.samplers.results import Fault
from tokgen.testing.samplers.sampler_under_test import SamplerUnderTest
from tokgen.testing.samplers.written import numbers

# Probabilities may differ by this much where nothing should change.
ROUNDING = 1e-12
# And by this much where a division by a temperature may be computed in another order.
ROUNDING_OF_DIVISION = 1e-9


@clause
def quiet_arithmetic(plugin: SamplerUnderTest) -> None:
    """`apply` raises no warning.

    Why: a warning shows where a number leaves the range for which the formula was meant; inside a
    chain tokgen silences those of numpy, so that nobody would see it there.

    Mend: against "divide by zero", write `with np.errstate(divide="ignore"):` where log(0) = -inf
    is meant, else compute for the tokens that remain only, as by `np.log(p, out=np.full_like(p,
    -np.inf), where=p > 0)`. Against "invalid value", which 0/0 gives (a comparison with the NaN
    that comes of it is False), say what such a row becomes, for instance `np.where(total == 0, 1,
    total)`; do not silence `invalid`.
    """
    for tried in plugin.tried():
        said = _warning(plugin, tried.options, tried.batch)
        if said is not None:
            shown = plugin.shown(tried.options, tried.batch)
            raise ClauseViolatedError(f'apply warned "{said}"', shown, _mend_of_warning(said))


def _mend_of_warning(said: str) -> str:
    """How what is warned of is mended; empty where it is nothing usual."""
    mends = {
        "invalid value": (
            "0/0 is NaN, and a comparison with NaN is False: say what such a row becomes, for "
            "instance np.where(total == 0, 1, total); do not silence `invalid`. -inf - -inf and "
            "0 * -inf are NaN, too: compute for the tokens that remain only"
        ),
        "divide by zero": (
            'with np.errstate(divide="ignore"): where log(0) = -inf is meant, else compute for the '
            "tokens that remain only, as by np.log(p, out=np.full_like(p, -np.inf), where=p > 0)"
        ),
        "overflow": "subtract the row's maximum before np.exp",
        "PyTorch": "torch.tensor(logprobs) copies what torch.from_numpy warns of",
    }
    return next((mend for words, mend in mends.items() if words in said), "")


def _warning(plugin: SamplerUnderTest, options: PluginOptions, batch: Batch) -> str | None:
    """The first line of the first warning; None where there is none, or where `apply` fails."""
    context = batch.context(plugin.needs)
    with (
        warnings.catch_warnings(record=True) as warned,
        np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
        seeded_generators(),
    ):
        warnings.simplefilter("always")
        try:
            with plugin.calling("apply"):
                plugin.implementation(options).apply(read_only(batch.rows), context)
        except (PluginError, RequestError):
            return None
    return str(warned[0].message).splitlines()[0] if warned else None


@clause
def nan_decides_nothing(plugin: SamplerUnderTest) -> None:
    """No comparison with NaN decides what a row becomes.

    Why: where `invalid` is silenced 0/0 is a NaN that nobody sees, each comparison with it is
    False, and the row keeps or loses its tokens for no reason.

    Mend: say what such a row becomes before the division, for instance
    `ratio = part / np.where(total == 0, 1, total)`, and silence `invalid` nowhere.
    """
    for tried in plugin.tried():
        made = plugin.call(tried.options, with_nan_above_and_below(tried.batch))
        # Of what `apply` raises on these arrays of another class it is not to blame.
        if isinstance(made, Fault) and made.step != "none left":
            continue
        said = plugin.otherwise(tried, made)
        if said is None or plugin.is_chance(tried):
            continue
        if "invalid" in (_warning(plugin, tried.options, tried.batch) or ""):
            raise ClauseNotCheckedError(f"follows from {quiet_arithmetic.id}")
        raise ClauseViolatedError(
            f"apply compares with NaN, which is False; were it True, {said}",
            plugin.shown(tried.options, tried.batch),
        )


@clause
def neutral_options(plugin: SamplerUnderTest) -> None:
    """`neutral` is None or an instance of `Options` under which nothing changes.

    Why: tokgen refuses a sampler that a user names without options where its defaults are neutral;
    and a user who compares results with and without the sampler gives it these options.

    Mend: write `neutral = Options(…)` behind the class `Options`, and return `logprobs` as they are
    where the formula for these values would only come near; None where there are no such options.
    """
    neutral = plugin.implementation.neutral
    if neutral is None:
        return
    if not isinstance(neutral, plugin.guarded.Options):
        raise ClauseViolatedError(f"neutral = {neutral!r}")
    for batch in plugin.clock.cases(batches(plugin.needs)):
        result = plugin.call(neutral, batch)
        if isinstance(result, Fault):
            plugin.violated_by(result, plugin.shown(neutral, batch))
        if result is None:
            continue
        after = result.probabilities
        changed = (np.abs(after - np.exp(batch.rows)) > ROUNDING).any(axis=1)
        for row in np.flatnonzero(changed).tolist():
            told = numbers(after[row]) if batch.rows.shape[1] <= 12 else "others"
            raise ClauseViolatedError(
                f"the probabilities of row {row} become {told}",
                plugin.shown(neutral, batch, row),
                _mend_of_neutral(neutral),
            )


def _mend_of_neutral(neutral: PluginOptions) -> str:
    values = ", ".join(f"{name}={value!r}" for name, value in neutral.model_dump().items())
    return (
        f"under your neutral = Options({values}) this row should be unchanged: return logprobs as "
        "they are where the formula for these values only comes near; write neutral = None where "
        "there are no such options"
    )


@clause
def as_temperature(plugin: SamplerUnderTest) -> None:
    """`as_temperature` is None, or the t by which the log-probabilities are divided.

    Why: views name it as the T of a distribution, and `:temp` takes such a sampler's place.

    Mend: return None in a sampler that does anything else; 0 leaves the most probable token alone,
    `math.inf` makes those that remain alike.
    """
    for tried in plugin.tried():
        t = plugin.declared(tried, "as_temperature")
        # Of several most probable tokens a greedy one may leave any.
        if t is None or (t == 0 and not _has_one_peak(tried.batch.rows)):
            continue
        divided = np.exp(normalised(_divided(tried.batch.rows, t)))
        wrong = (np.abs(tried.result.probabilities - divided) > ROUNDING_OF_DIVISION).any(axis=1)
        for row in np.flatnonzero(wrong).tolist():
            raise ClauseViolatedError(
                f"as_temperature is {t:g}, but row {row} becomes another than divided by it",
                plugin.shown(tried.options, tried.batch, row),
            )


def _has_one_peak(rows: Floats) -> bool:
    return bool(((rows == rows.max(axis=1, keepdims=True)).sum(axis=1) == 1).all())


def _divided(rows: Floats, t: float) -> Floats:
    """The rows (B, V) divided by t, from their peaks on, and its limits 0 and infinity."""
    below = rows - rows.max(axis=1, keepdims=True)
    if t == 0:
        return np.where(below == 0, 0.0, -np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(below > -np.inf, below / t, -np.inf)


CLAUSES: tuple[Clause, ...] = (
    quiet_arithmetic,
    nan_decides_nothing,
    neutral_options,
    as_temperature,
)
