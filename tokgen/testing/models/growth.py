"""Growth: sequences in a model's own decoder, beside the prefixes at which they should stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.plugin_api.decoder import Decoder, RecomputingDecoder
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.testing.clause import ClauseViolatedError
from tokgen.testing.models.asking import as_asked, copied, in_form
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.documents import LETTERS
from tokgen.testing.models.model_under_test import ModelUnderTest

# A state may add up in another order than the model does that reads the prefix anew.
DECODER_TOLERANCE = 1e-5


@dataclass
class Growth:
    """Sequences in the model's own decoder, and the prefixes at which they stand."""

    model: ModelUnderTest
    decoder: Decoder
    prefixes: Prefixes

    @classmethod
    def of(cls, model: ModelUnderTest, prefixes: Prefixes) -> Growth | None:
        """Sequences at these prefixes; None where the model has no decoder of its own."""
        raw = model.raw
        with model.calling("decoder"):
            decoder = raw.decoder(copied(prefixes))
        if type(decoder) is RecomputingDecoder:
            return None
        return cls(model, decoder, prefixes)

    def rows(self) -> Floats:
        """What the decoder gives (B, V)."""
        with self.model.calling("its decoder's logprobs"):
            rows = self.decoder.logprobs()
        if np.shape(rows) != (len(self.prefixes), self.model.vocabulary.size):
            raise ClauseViolatedError(
                f"its decoder gives rows of the shape {np.shape(rows)} for {len(self.prefixes)} "
                "sequences",
                self._shown(),
            )
        return rows

    def advance(self, parents: Ints, generator: np.random.Generator) -> None:
        """Grow by letters that are drawn."""
        tokens = generator.integers(LETTERS, size=len(parents))
        self.prefixes = self.prefixes.select(parents).append(tokens)
        with self.model.calling("its decoder's advance"):
            self.decoder.advance(parents.copy(), tokens.copy())

    def join(self, prefixes: Prefixes) -> None:
        """Let sequences begin at these prefixes."""
        self.prefixes = self.prefixes.join(prefixes)
        with self.model.calling("its decoder's join"):
            self.decoder.join(copied(prefixes))

    def copy(self) -> Growth:
        """The same with a copy of the decoder."""
        with self.model.calling("its decoder's copy"):
            return Growth(self.model, self.decoder.copy(), self.prefixes)

    def check(self, where: str) -> None:
        """Hold the decoder's rows against the model's for the same prefixes."""
        vocabulary = self.model.vocabulary
        rows = as_asked(in_form(self.rows(), (len(self.prefixes), vocabulary.size)), vocabulary)
        if not len(rows):
            return
        expected = self.model.rows(self.prefixes)
        tolerance = self.model.exact_or(DECODER_TOLERANCE)
        require_equal(self.model, rows, expected, self.prefixes, tolerance, where)

    def _shown(self) -> str:
        return self.model.described(self.prefixes) if len(self.prefixes) else "no sequence"
