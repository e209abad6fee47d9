"""A model of ten lines: each token as often as it occurs, whatever stood before."""

import numpy as np

from tokgen.plugin_api import LanguageModel, normalised


class Unigram(LanguageModel):
    """Relative frequencies, each count one too high so that nothing is impossible."""

    context_length = 0

    def learned(self):
        """One count a token."""
        return {"counts": (self.vocabulary.size,)}

    def fit(self, train, validation, run):
        """Count."""
        self.counts = np.bincount(train.stream, minlength=self.vocabulary.size) + 1

    def next_logprobs(self, prefixes):
        """The same row for every prefix."""
        # A start id begins documents and stands nowhere else.
        row = normalised(np.where(self.vocabulary.can_follow, np.log(self.counts), -np.inf))
        return np.repeat(row[None], len(prefixes), axis=0)
