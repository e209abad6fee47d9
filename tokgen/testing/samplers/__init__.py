"""The clauses of samplers."""

from tokgen.testing.clause import Clause
from tokgen.testing.samplers import arithmetic, chance, form, knowing, purity, rows
from tokgen.testing.samplers.sampler_under_test import SamplerUnderTest

CLAUSES: tuple[Clause, ...] = (
    form.CLAUSES
    + chance.CLAUSES
    + purity.CLAUSES
    + rows.CLAUSES
    + knowing.CLAUSES
    + arithmetic.CLAUSES
)

__all__ = ["CLAUSES", "SamplerUnderTest"]
