"""The clauses of tokenizers."""

from tokgen.testing.clause import Clause
from tokgen.testing.tokenizers import decoding, encoding, fitting, prefixes, vocabulary
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest

CLAUSES: tuple[Clause, ...] = (
    fitting.CLAUSES + vocabulary.CLAUSES + encoding.CLAUSES + decoding.CLAUSES + prefixes.CLAUSES
)

__all__ = ["CLAUSES", "TokenizerUnderTest"]
