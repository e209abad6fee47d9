"""The clauses of corpora."""

from tokgen.testing.clause import Clause
from tokgen.testing.corpora import card, checkpoints, data
from tokgen.testing.corpora.corpus_under_test import CorpusUnderTest

CLAUSES: tuple[Clause, ...] = card.CLAUSES + data.CLAUSES + checkpoints.CLAUSES

__all__ = ["CLAUSES", "CorpusUnderTest"]
