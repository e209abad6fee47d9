"""The clauses of models.

Those that ask a fitted model are held on it and on one whose vocabulary has a start id. Those that
fit once more or start a process are not, since that takes most of the time: `start-id` says what a
fit must have learnt there. `fits` comes first, since the others follow from it.
"""

from tokgen.testing.clause import Clause
from tokgen.testing.models import (
    batches,
    declarations,
    decoders,
    fitting,
    futures,
    parts,
    reading,
    repeating,
    rows,
    saving,
    start_id,
)
from tokgen.testing.models.also_started import also_started
from tokgen.testing.models.model_under_test import ModelUnderTest

ASKING: tuple[Clause, ...] = (
    *rows.CLAUSES,
    *repeating.CLAUSES,
    *batches.CLAUSES,
    *decoders.CLAUSES,
    *futures.CLAUSES,
    *reading.CLAUSES,
    saving.learned_complete,
    fitting.reported_loss,
    *declarations.CLAUSES,
)
FITTING: tuple[Clause, ...] = (
    *saving.CLAUSES_IN_NEW_PROCESS,
    *fitting.CLAUSES_OF_FITS,
    *start_id.CLAUSES,
    *parts.CLAUSES,
)
CLAUSES: tuple[Clause, ...] = (fitting.fits, *map(also_started, ASKING), *FITTING)

__all__ = ["CLAUSES", "ModelUnderTest"]
