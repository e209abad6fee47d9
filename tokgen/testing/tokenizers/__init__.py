"""The clauses of tokenizers."""

from tokgen.testing.clause import Clause
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest

CLAUSES: tuple[Clause, ...] = ()

__all__ = ["CLAUSES", "TokenizerUnderTest"]
