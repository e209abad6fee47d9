"""The clauses that plugins of every kind keep."""

from tokgen.testing.clause import Clause
from tokgen.testing.every_kind import declaring, importing

CLAUSES: tuple[Clause, ...] = importing.CLAUSES + declaring.CLAUSES
