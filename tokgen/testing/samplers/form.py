"""Clauses of what `apply` returns: an array or branches of arrays, and the numbers in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tokgen.arrays import Floats
from tokgen.testing.clause import (
    Clause,
    ClauseViolatedError,
    clause,
    follows_from,
)
from tokgen.testing.samplers.batches import Batch
from tokgen.testing.samplers.results import Fault
from tokgen.testing.samplers.sampler_under_test import SamplerUnderTest

SHOWN_SYMBOLS = 4


@clause
def applies(plugin: SamplerUnderTest) -> None:
    """`apply` works on every distribution, with every value of its options: with ties, removed
    tokens, one certain token, a vocabulary of one token and one of 50,000, at the bounds of each
    option.

    Why: a model may make any of these rows, and where `apply` raises the whole generation ends.

    Mend: use `axis=1`, and never take more tokens than there are (`min(k, logprobs.shape[1])`);
    leave out the tokens at -inf by a mask (`logprobs > -np.inf`), and declare the bounds of each
    option in `Field`.
    """
    plugin.check_step("call", _mend_of_call)


def _mend_of_call(fault: Fault, batch: Batch) -> str:
    """How what `apply` raised is mended: by what shapes are, or by looking at the line."""
    raised = fault.cause.__cause__ if fault.cause else None
    if _is_about_shapes(raised):
        return (
            f"logprobs is (B, V), here {batch.rows.shape}: use axis=1, and never take more tokens "
            "than there are, as by min(k, logprobs.shape[1])"
        )
    if _is_about_symbols(raised):
        return (
            f"vocabularies differ; this one has the symbols {_some(batch.vocabulary.symbols)}: "
            "where a symbol is looked up, context.vocabulary.id_of(symbol) tells the user that "
            "there is none, and symbol in context.vocabulary.symbols asks first; where a value of "
            "an option causes the error, declare the option's bounds in Field"
        )
    return (
        "the error above is in your code; where a value of an option alone causes it, declare the "
        "option's bounds in Field"
    )


def _is_about_symbols(raised: BaseException | None) -> bool:
    """Whether something was looked up that is not there, as by `symbols.index("a")`."""
    is_not_in = isinstance(raised, ValueError) and "not in " in str(raised)
    return is_not_in or isinstance(raised, KeyError)


def _some(symbols: Sequence[str]) -> str:
    more = [" …"] if len(symbols) > SHOWN_SYMBOLS else []
    return " ".join(map(repr, symbols[:SHOWN_SYMBOLS])) + "".join(more)


def _is_about_shapes(raised: BaseException | None) -> bool:
    if isinstance(raised, IndexError):
        return True
    words = ("shape", "dimension", "broadcast", "axis", "axes", "out of bounds", "size")
    says_so = any(word in str(raised) for word in words)
    return isinstance(raised, (ValueError, RuntimeError)) and says_so  # the second is torch's


@clause
def result_form(plugin: SamplerUnderTest) -> None:
    """`apply` returns a float64 array of the shape (B, V) of its rows, or `Branches` of such.

    Why: the next sampler of the chain reads it as log-probabilities of the same tokens.

    Mend: keep the batch with `keepdims=True` and `axis=1`, and do not convert to float32 or lists;
    a torch tensor becomes an array by `tensor.double().numpy()`.
    """
    plugin.check_step("form")


@clause
def finite_or_removed(plugin: SamplerUnderTest) -> None:
    """Every number of the result is finite, or -inf for a token that is removed.

    Why: nothing can be drawn from a row with NaN or +inf.

    Mend: -inf - -inf and 0 * -inf are NaN: compute for the tokens that remain only, as by
    `np.where(logprobs > -np.inf, changed, -np.inf)`, and subtract the row's maximum before `np.exp`
    or a division by a small number.
    """
    plugin.check_step("numbers")


@clause
def leaves_a_token(plugin: SamplerUnderTest) -> None:
    """Every row keeps at least one token.

    Why: where every token is removed there is nothing to draw, and the generation ends in an error.

    Mend: compare with `>=` instead of `>`, so that the best token passes its own bound, or keep the
    old row: `np.where((kept > -np.inf).any(axis=1, keepdims=True), kept, logprobs)`.
    """
    plugin.check_step("none left")


@clause
def logs_not_probabilities(plugin: SamplerUnderTest) -> None:
    """`apply` returns log-probabilities, not probabilities.

    Why: probabilities read as log-probabilities make nearly uniform rows: the sampler seems to
    work, and every document is noise.

    Mend: return `np.log(probabilities)`, the logarithm of 0 being -inf:
    `with np.errstate(divide="ignore"): return np.log(probabilities)`.
    """
    for tried in plugin.tried():
        for rows in tried.result.branches:
            if _like_probabilities(rows) and _has_several(rows):
                raise ClauseViolatedError(
                    "the finite numbers of each row lie between 0 and 1 and sum to 1",
                    plugin.shown(tried.options, tried.batch),
                )


@follows_from(logs_not_probabilities)
@clause
def removed_stays_removed(plugin: SamplerUnderTest) -> None:
    """A token that is removed, at -inf, stays removed.

    Why: what an earlier sampler or the user's prefix has ruled out would be drawn after all.

    Mend: mix and smooth over the tokens that remain only: end with
    `np.where(logprobs > -np.inf, changed, -np.inf)`.
    """
    for tried in plugin.tried():
        for rows in tried.result.branches:
            revived = (tried.batch.rows == -np.inf) & (rows > -np.inf)
            for row, token in np.argwhere(revived).tolist():
                raise ClauseViolatedError(
                    f"token {token} of row {row} was removed and is {rows[row, token]:.4g} now",
                    plugin.shown(tried.options, tried.batch, row),
                )


def _like_probabilities(rows: Floats) -> bool:
    """Whether the finite numbers of all rows read as probabilities."""
    values = np.where(rows > -np.inf, rows, 0.0)
    between = ((values >= 0) & (values <= 1)).all()
    return bool(between and np.allclose(values.sum(axis=1), 1, rtol=0, atol=1e-6))


def _has_several(rows: Floats) -> bool:
    """Whether some row has several tokens: of a single one, 1 is as good a logit as any."""
    return bool((((rows > -np.inf) & (rows != 0)).sum(axis=1) > 1).any())


CLAUSES: tuple[Clause, ...] = (
    applies,
    result_form,
    finite_or_removed,
    leaves_a_token,
    logs_not_probabilities,
    removed_stays_removed,
)
