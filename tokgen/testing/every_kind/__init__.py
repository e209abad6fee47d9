"""The clauses that plugins of every kind keep."""

from tokgen.testing.clause import Clause

CLAUSES: tuple[Clause, ...] = ()
