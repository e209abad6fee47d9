"""A sampler with history: no long runs of consonants."""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext, Vocabulary


class NoClusters(Sampler):
    """Remove each token that would make a run of more than `most` consonants.

    A consonant is a symbol of one letter that is not a vowel; every other symbol ends a run. Where
    only such tokens are possible, the row stays as it is.
    """

    needs = "history"

    class Options(PluginOptions):
        """Options of `no_clusters`."""

        most: int = Field(default=2, ge=1, description="consonants in a row that are allowed")
        vowels: str = Field(default="aeiou", description="the letters that are no consonants")

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove consonants from the rows (B, V) whose last `most` symbols are all consonants."""
        consonant = consonants(context.vocabulary, self.options.vowels)
        before = context.ids.padded(self.options.most, context.vocabulary.terminator_id)
        full = consonant[before].all(axis=1)
        kept = np.where(full[:, None] & consonant, -np.inf, logprobs)
        some_left = (kept > -np.inf).any(axis=1, keepdims=True)
        return np.where(some_left, kept, logprobs)


def consonants(vocabulary: Vocabulary, vowels: str) -> np.ndarray:
    """Whether each token (V,) is a consonant; what begins or ends a document is none."""
    flags = np.array(
        [
            len(symbol) == 1 and symbol.isalpha() and symbol.lower() not in vowels.lower()
            for symbol in vocabulary.symbols
        ]
    )
    flags[vocabulary.terminator_id] = False
    if vocabulary.start_id is not None:
        flags[vocabulary.start_id] = False
    return flags
