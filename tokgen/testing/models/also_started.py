"""also_started: a clause held on two vocabularies, one of which has a start id."""

from __future__ import annotations

from dataclasses import replace

from tokgen.errors import PluginError
from tokgen.testing.clause import (
    Clause,
    ClauseNotCheckedError,
    ClauseOutOfTimeError,
    ClauseViolatedError,
)
from tokgen.testing.models.model_under_test import ModelUnderTest


def also_started(clause: Clause) -> Clause:
    """The clause, held also on the same model over a vocabulary that has a start id.

    A fit takes most of the time of a check, so that this is for what asks a fitted model. Each of
    the two has the time of a clause.
    """

    def check(model: ModelUnderTest) -> None:
        clause.check(model)
        started = model.started
        with model.clock.stopped():
            _ = started.first_fit
        model.clock = started.clock = model.clock.anew()
        started.looked_at = ""
        try:
            clause.check(started)
        except ClauseViolatedError as violated:
            said = f"with a start id: {violated.said}"
            raise ClauseViolatedError(
                said, violated.shown, violated.mend, violated.kept
            ) from violated
        except PluginError as error:
            raise ClauseViolatedError(f"with a start id: {error}") from error
        except ClauseOutOfTimeError as late:
            raise ClauseOutOfTimeError(f"with a start id: {late}", late.wanted) from None
        except ClauseNotCheckedError as reason:
            raise ClauseNotCheckedError(f"with a start id: {reason}") from None
        if started.looked_at and not model.looked_at:
            model.looked_at = f"with a start id {started.looked_at}"

    return replace(clause, judge=check)
