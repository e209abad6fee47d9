"""The clauses of models."""

from tokgen.testing.clause import Clause
from tokgen.testing.models import batches, decoders, rows
from tokgen.testing.models.model_under_test import ModelUnderTest

CLAUSES: tuple[Clause, ...] = rows.CLAUSES + batches.CLAUSES + decoders.CLAUSES

__all__ = ["CLAUSES", "ModelUnderTest"]
