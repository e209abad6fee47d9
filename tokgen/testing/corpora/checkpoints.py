"""Clauses of the checkpoints that are shipped with a corpus."""

from __future__ import annotations

import math

from tokgen.corpus.splits import SplitName
from tokgen.errors import TokgenError
from tokgen.testing.clause import Clause, ClauseNotCheckedError, ClauseViolatedError, clause
from tokgen.testing.corpora.corpus_under_test import CorpusUnderTest
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.measuring import loss_of

TOLERANCE = 1e-6  # nats per token
LOSSES: dict[str, SplitName] = {"validation_loss": "validation", "test_loss": "test"}


@clause
def checkpoints_load(plugin: CorpusUnderTest) -> None:
    """Every checkpoint that the card lists can be loaded, and was trained on these data.

    Why: `tokgen generate` uses them where the user has trained nothing.

    Mend: train again on the data as they are, with the tokgen of today, and ship that checkpoint.
    """
    corpus = plugin.corpus
    for name, file in plugin.clock.cases(plugin.package.card.checkpoints.items()):
        try:
            trained_on = Checkpoint.load(plugin.package.path(file)).metadata.corpus
            same = corpus.filtered(trained_on.where).fingerprint == trained_on.fingerprint
        except TokgenError as error:
            raise ClauseViolatedError(str(error), f"{name}: {file}") from None
        if not same:
            raise ClauseViolatedError("it was trained on other data", f"{name}: {file}")


@clause
def checkpoints_loss(plugin: CorpusUnderTest) -> None:
    """Every checkpoint that the card lists reaches the loss that was measured when it was trained,
    to 1e-6 nats per token.

    Why: a user expects the quality that is told; another loss means that the model, the tokenizer
    or the data have changed since.

    Mend: train again, and ship that checkpoint; a model whose code has changed needs a new one.
    """
    for name, file in plugin.clock.cases(plugin.package.card.checkpoints.items()):
        checkpoint = _loaded(plugin, file)
        metrics = checkpoint.metadata.metrics
        measured = next((each for each in LOSSES if each in metrics), None)
        if measured is None:
            raise ClauseViolatedError(f"it records none of {', '.join(LOSSES)}", f"{name}: {file}")
        corpus = plugin.corpus.filtered(checkpoint.metadata.corpus.where)
        try:
            loss = loss_of(checkpoint, corpus, LOSSES[measured])
        except TokgenError as error:
            raise ClauseViolatedError(str(error), f"{name}: {file}") from None
        recorded = metrics[measured]
        expected = math.inf if recorded is None else recorded
        if loss != expected and abs(loss - expected) > TOLERANCE:
            said = f"the {measured} is {loss:.7f} nats per token, not {expected:.7f}"
            raise ClauseViolatedError(said, f"{name}: {file}")


def _loaded(plugin: CorpusUnderTest, file: str) -> Checkpoint:
    try:
        return Checkpoint.load(plugin.package.path(file))
    except TokgenError as error:
        raise ClauseNotCheckedError(f"{file} cannot be loaded: {error}") from None


@clause
def given_told(plugin: CorpusUnderTest) -> None:
    """The checkpoint that the card names under `given` can be told columns.

    Why: it is the one that answers where a user gives the value of a column and names no model.

    Mend: name one that was trained with `--condition-on`; or leave the key out.
    """
    card = plugin.package.card
    if card.given is None:
        return
    if not _loaded(plugin, card.checkpoints[card.given]).metadata.columns:
        raise ClauseViolatedError("it is told no columns", f"given: {card.given}")


CLAUSES: tuple[Clause, ...] = (checkpoints_load, checkpoints_loss, given_told)
