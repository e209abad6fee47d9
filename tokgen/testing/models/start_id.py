"""The clause of a vocabulary with a start id, with which every row begins."""

from __future__ import annotations

import numpy as np

from tokgen.errors import PluginError
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.rows import without_start
from tokgen.testing.clause import Clause, ClauseViolatedError, clause
from tokgen.testing.models.fitting import SLACK
from tokgen.testing.models.model_under_test import ModelUnderTest


@clause
def start_id(model: ModelUnderTest) -> None:
    """Where the vocabulary has a start id, the model can be fitted, learns with which tokens
    documents begin, and gives tokens other than the start id a probability.

    Why: every document is then generated from the start id on: its first token would be drawn as if
    the model had not learnt how documents begin.

    Mend: learn from `train.windows` or `train.prefixes`, which begin with the start id; where you
    put something in front yourself, take `vocabulary.id_before_first`. What a row gives the start
    id, the core takes from it: no line is needed for that.
    """
    _, started = model.fitted, model.started
    if isinstance(started.first_fit, PluginError):
        said, shown = str(started.first_fit), "a vocabulary with a start id"
        raise ClauseViolatedError(said, shown) from started.first_fit
    begun = started.prefixes_of([[*started.vocabulary.beginning]])
    try:
        without_start(started.rows_as_written(begun), started.vocabulary)
    except NotAsPromisedError as wrong:
        raise ClauseViolatedError(str(wrong), started.described(begun)) from None
    counts = np.bincount(started.train.stream, minlength=started.vocabulary.size)
    frequencies = _loss_of_first(started, counts / counts.sum())
    loss = _loss_of_first(started, np.exp(started.rows(begun, started.fitted)[0]))
    if not loss <= frequencies + SLACK:
        loss = _loss_of_first(started, np.exp(started.rows(begun, started.fitted_longer())[0]))
    if not loss <= frequencies + SLACK:
        raise ClauseViolatedError(
            f"of the first tokens of the training documents its loss is {loss:.4f} nats, that of "
            f"the frequencies of all tokens {frequencies:.4f}",
            started.described(begun),
        )


def _loss_of_first(model: ModelUnderTest, probabilities: np.ndarray) -> float:
    """Mean negative log-likelihood (nats) of the first tokens of the training documents."""
    first = model.train.stream[model.train.starts]
    with np.errstate(divide="ignore"):
        return -float(np.log(probabilities[first]).mean())


CLAUSES: tuple[Clause, ...] = (start_id,)
