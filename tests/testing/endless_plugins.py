"""Sources of plugins of which a call never returns, and what the sentence names of each."""

from __future__ import annotations

from plugin_sources import UNIGRAM

SAMPLER = '''
import time
from tokgen.plugin_api import Sampler


class Endless(Sampler):
    """Never give anything back."""

    def apply(self, logprobs, context):
        {endless}
'''

TOKENIZER = '''
from tokgen.plugin_api import Tokenizer


class Endless(Tokenizer):
    """Never encode anything."""

    terminator_id = 0
    unique_spelling = True

    def __init__(self, units):
        self.units = units
        self.symbols = ("-", *units)

    @classmethod
    def fit(cls, options, documents, characters):
        return cls([*characters])

    def encode(self, text):
        {endless}

    def pieces(self):
        return [b"", *(unit.encode() for unit in self.units)]

    def to_json(self):
        return dict(units=self.units)

    @classmethod
    def from_json(cls, state):
        return cls(state["units"])
'''

LOOPS = "while True: pass"
SLEEPS = "time.sleep(10**6)"
CATCHES = """
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
"""
MODEL = UNIGRAM.replace("class Unigram", "class Endless").replace(
    "        self.counts = np.bincount", "        {endless}\n        self.counts = np.bincount"
)

# The source and the call that does not return.
ENDLESS = {
    "a sampler that loops": (SAMPLER.format(endless=LOOPS), "apply"),
    "a sampler that sleeps": (SAMPLER.format(endless=SLEEPS), "apply"),
    "a sampler that catches everything": (SAMPLER.format(endless=CATCHES), "apply"),
    "a model that loops": (MODEL.replace("{endless}", LOOPS), "fit"),
    "a model that sleeps": ("import time\n" + MODEL.replace("{endless}", SLEEPS), "fit"),
    "a tokenizer that loops": (TOKENIZER.format(endless=LOOPS), "encode"),
}
