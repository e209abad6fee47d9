"""The clauses of corpora."""

from tokgen.testing.clause import Clause
from tokgen.testing.corpora.corpus_under_test import CorpusUnderTest

CLAUSES: tuple[Clause, ...] = ()

__all__ = ["CLAUSES", "CorpusUnderTest"]
