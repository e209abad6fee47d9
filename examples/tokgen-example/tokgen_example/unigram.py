"""A model of ten lines: each token as often as it occurs, whatever stood before."""

import numpy as np

from tokgen.plugin_api import LanguageModel


class Unigram(LanguageModel):
    """Relative frequencies, each count one too high so that nothing is impossible."""

    tokgen_api = 1
    context_length = 0

    @classmethod
    def fit(cls, options, vocabulary, train, validation, run):
        """Count."""
        counts = np.bincount(train.stream, minlength=vocabulary.size) + 1
        return cls.from_arrays(options, vocabulary, {"counts": counts})

    def next_logprobs(self, prefixes):
        """The same row for every prefix."""
        row = np.log(self.counts / self.counts.sum())
        return np.repeat(row[None], len(prefixes), axis=0)

    def arrays(self):
        """The counts."""
        return {"counts": self.counts}

    @classmethod
    def from_arrays(cls, options, vocabulary, arrays):
        """The model with these counts."""
        model = cls(options, vocabulary)
        model.counts = arrays["counts"]
        if model.counts.shape != (vocabulary.size,):
            raise ValueError(f"counts of shape {model.counts.shape}")
        return model
