"""Clauses of fitting: what a model learns, and what it says of it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tokgen.arrays import Arrays
from tokgen.errors import PluginError
from tokgen.plugin_api.fit_run import Snapshot
from tokgen.testing.clause import Clause, ClauseViolatedError, clause, follows_from
from tokgen.testing.global_randomness import seeded_generators
from tokgen.testing.models.batches import batch_independence
from tokgen.testing.models.documents import LONGEST
from tokgen.testing.models.model_under_test import ModelUnderTest
from tokgen.testing.models.reading import cache_continues, causal
from tokgen.testing.models.repeating import repeatable
from tokgen.training.evaluation import mean_nll
from tokgen.training.measuring import ROUNDING, best_evaluation

# A smoothed unigram is a little above the frequencies that it counted.
SLACK = 0.01  # nats per token


@clause
def fits(model: ModelUnderTest) -> None:
    """The model can be fitted on a few short documents, with held-out ones and without.

    Why: a small corpus has too few documents to hold some out, and a second fit on all of them
    (`--refit`) has none either.

    Mend: allow for a `validation` that is None; think of documents of one token and of fewer
    examples than a batch has.
    """
    if isinstance(model.first_fit, PluginError):
        raise model.first_fit
    shown = f"{len(model.train.documents)} documents of {len(model.train)} tokens"
    try:
        model.fit_without_validation()
    except PluginError as error:
        raise ClauseViolatedError(str(error), f"{shown}, none held out") from error


@clause
def seed_decides(model: ModelUnderTest) -> None:
    """Two fits with the same seed learn the same, bit by bit, whatever the global random state is.

    Why: a training could not be repeated, and nobody could tell whether a change of an option or
    chance made a model better.

    Mend: draw from `np.random.default_rng(run.seed)`, and order what comes out of a set or a
    dictionary; in torch, `torch.manual_seed(run.seed)` at the beginning of `fit`.
    """
    first = model.fitted.arrays()
    with seeded_generators():
        second = model.fit_again().arrays()
    _require_same(first, second, "two fits with the seed 0")


@clause
def resumed_fit(model: ModelUnderTest) -> None:
    """A fit that goes on from a snapshot ends as the one that was never stopped, bit by bit.

    Why: what a user trains with interruptions would be another model than the recipe says.

    Mend: put into `Snapshot` all that the next step depends on (momentum, the best loss so far, the
    number of the step), and draw from the seed and the step instead of from a running generator.
    """
    unstopped = model.fitted.arrays()
    for number, snapshot in model.clock.cases([*enumerate(model.snapshots[:-1])]):
        shown = f"snapshot {number + 1} of {len(model.snapshots)}"
        resumed = model.fit_again(resume_from=_as_from_a_file(snapshot, shown))
        _require_same(unstopped, resumed.arrays(), shown)


def _as_from_a_file(snapshot: Snapshot, shown: str) -> Snapshot:
    try:
        facts = json.loads(json.dumps(snapshot.facts))
    except (TypeError, ValueError) as error:
        raise ClauseViolatedError(f"its facts are no JSON: {error}", shown) from None
    return Snapshot({name: array.copy() for name, array in snapshot.arrays.items()}, facts)


def _require_same(first: Arrays, second: Arrays, shown: str) -> None:
    for name, array in first.items():
        other: Any = second.get(name)
        if other is None or array.shape != other.shape:
            raise ClauseViolatedError(f"the array {name!r} has another shape, or is missing", shown)
        if not np.array_equal(array, other, equal_nan=array.dtype.kind == "f"):
            farthest = np.abs(array.astype(float) - other.astype(float)).max()
            raise ClauseViolatedError(
                f"a number of the array {name!r} differs by {farthest:.2g}", shown
            )


@follows_from(cache_continues)
@clause
def better_than_frequencies(model: ModelUnderTest) -> None:
    """The model's loss on its training documents is at most that of a model that knows only how
    often each token occurs, plus 0.01 nats per token for smoothing.

    Why: a model that does worse has learnt nothing from the tokens before: often its targets are
    shifted by one, or it reads its contexts wrongly.

    Mend: compare `train.windows(examples, context)` with what the model reads in `next_logprobs`;
    the terminator is a target too.
    """
    counts = np.bincount(model.train.stream, minlength=model.vocabulary.size)
    shares = counts[counts > 0] / counts.sum()
    frequencies = float(-(shares * np.log(shares)).sum())
    loss = _loss_of_rows(model, model.fitted)
    if not loss <= frequencies + SLACK:
        loss = _loss_of_rows(model, model.fitted_longer())
    if not loss <= frequencies + SLACK:
        raise ClauseViolatedError(
            f"its loss is {loss:.4f} nats per token, that of the frequencies {frequencies:.4f}",
            f"{len(model.train.documents)} training documents of {len(model.train)} tokens",
        )


def _loss_of_rows(model: ModelUnderTest, fitted: Any) -> float:
    """Mean negative log-likelihood (nats) of the tokens of the training documents."""
    train = model.train
    prefixes = train.prefixes(np.arange(len(train)), len(train.vocabulary.beginning) + LONGEST)
    rows = model.rows(prefixes, fitted)
    return -float(rows[np.arange(len(train)), train.stream].mean())


@follows_from(repeatable, batch_independence, causal, cache_continues)
@clause
def reported_loss(model: ModelUnderTest) -> None:
    """The lowest validation loss that the fit reported is the loss that an evaluation measures.

    Why: early stopping, and the user who reads the report, would compare other figures.

    Mend: report means in nats (`np.log`) per token, the terminator counted, of all validation
    documents, computed as in use (no dropout, no label smoothing, over what
    `vocabulary.can_follow`); keep the weights that had the lowest.
    """
    fitted, best = model.fitted, best_evaluation(model.history)
    if best is None:
        return
    measured = mean_nll(fitted, model.validation)
    if not abs(best[0] - measured) <= ROUNDING:
        raise ClauseViolatedError(
            f"it reported {best[0]:.4f} nats per token at step {best[1]}; measured are "
            f"{measured:.4f}",
            f"{len(model.validation.documents)} validation documents",
        )


CLAUSES_OF_FITS: tuple[Clause, ...] = (seed_decides, resumed_fit, better_than_frequencies)
