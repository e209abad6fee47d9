"""The clauses of models."""

from tokgen.testing.clause import Clause
from tokgen.testing.models.model_under_test import ModelUnderTest

CLAUSES: tuple[Clause, ...] = ()

__all__ = ["CLAUSES", "ModelUnderTest"]
