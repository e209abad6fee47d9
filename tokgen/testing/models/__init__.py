"""The clauses of models."""

from tokgen.testing.clause import Clause
from tokgen.testing.models import batches, declarations, decoders, fitting, futures, rows, saving
from tokgen.testing.models.model_under_test import ModelUnderTest

CLAUSES: tuple[Clause, ...] = (
    *rows.CLAUSES,
    *batches.CLAUSES,
    *decoders.CLAUSES,
    *futures.CLAUSES,
    *saving.CLAUSES,
    *fitting.CLAUSES,
    *declarations.CLAUSES,
)

__all__ = ["CLAUSES", "ModelUnderTest"]
