"""The clauses of samplers."""

from tokgen.testing.clause import Clause
from tokgen.testing.samplers.sampler_under_test import SamplerUnderTest

CLAUSES: tuple[Clause, ...] = ()

__all__ = ["CLAUSES", "SamplerUnderTest"]
