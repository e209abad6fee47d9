"""Sources of plugins that several tests write into files."""

UNIGRAM = '''
import numpy as np
from tokgen.plugin_api import LanguageModel


class Unigram(LanguageModel):
    """Relative frequencies, each count one too high so that nothing is impossible."""

    context_length = 0

    def learned(self):  # names and shapes; None where the data decides
        return {"counts": (self.vocabulary.size,)}

    def fit(self, train, validation, run):
        self.counts = np.bincount(train.stream, minlength=self.vocabulary.size) + 1

    def next_logprobs(self, prefixes):  # -> (B, V)
        return np.repeat(np.log(self.counts / self.counts.sum())[None], len(prefixes), axis=0)
'''
