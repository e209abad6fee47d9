"""Plugins as short as they can be, in one file: they are used, trained and checked."""

from __future__ import annotations

import json

import pytest
from plugin_sources import UNIGRAM
from running import tokgen

IMPORTS = """
import numpy as np
from tokgen.plugin_api import (
    Field,
    NetworkOptions,
    PluginOptions,
    Sampler,
)
"""
TORCH = """
from torch import nn
from tokgen.plugin_api import TorchModel, from_cache, to_cache
"""

SAMPLER = '''
class MixUniform(Sampler):
    """Mix the distribution with the uniform one over what remains."""

    class Options(PluginOptions):
        share: float = Field(ge=0, le=1, description="weight of the uniform distribution")

    neutral = Options(share=0)

    def apply(self, logprobs, context):  # (B, V) -> (B, V)
        remains = logprobs > -np.inf
        uniform = remains / remains.sum(axis=1, keepdims=True)
        return np.log((1 - self.options.share) * np.exp(logprobs) + self.options.share * uniform)
'''

RECURRENT = '''
class CharRNN(TorchModel):
    """Simple recurrent network (Elman 1990)."""

    reads = "sequence"

    class Options(NetworkOptions):
        width: int = Field(default=64, ge=1, description="units of the state")

    def build(self, options, vocabulary):
        self.table = nn.Embedding(vocabulary.size, options.width)
        self.recurrent = nn.RNN(options.width, options.width, batch_first=True)
        self.output = nn.Linear(options.width, vocabulary.size)

    def forward(self, ids, given=None, cache=None):  # (B, T) -> (B, T, V), cache rows first
        states, last = self.recurrent(self.table(ids), from_cache(cache))
        return self.output(states), to_cache(last)
'''


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "short.py"
    path.write_text(IMPORTS + SAMPLER + UNIGRAM + TORCH + RECURRENT)
    return path


def test_the_sampler_is_used_and_its_one_fault_is_told(file):
    file.write_text(IMPORTS + SAMPLER)
    uniform = ("--sampler", "mix_uniform:share=1")
    (row,) = tokgen("next", "a", "--plugin", file, *uniform, "--json").rows
    assert {round(each["prob"], 9) for each in row["next"]} == {round(1 / 27, 9)}
    checked = tokgen("plugins", "check", file, "--kind", "samplers", "--json")
    assert checked.code == 3
    (failed,) = [row for row in checked.rows if row["verdict"] == "failed"]
    assert failed["clause"] == "quiet-arithmetic"
    assert "divide by zero encountered in log" in failed["said"]


def test_the_model_that_counts_is_right_with_a_start_id_too(file):
    """It gives a start id what it gives any token that it has not seen; the core takes that."""
    file.write_text(IMPORTS + UNIGRAM)
    checked = tokgen("plugins", "check", file, "--kind", "models", "--json")
    assert checked.code == 0
    assert {row["verdict"] for row in checked.rows} == {"passed"}


@pytest.mark.parametrize("name", ["char_rnn", "unigram"])
def test_the_models_learn_are_saved_and_generate(file, tmp_path, name):
    words, made = tmp_path / "words.txt", tmp_path / "made.safetensors"
    words.write_text("abba\nbaba\nabab\nbaab\n" * 30)
    options = ("-o", "steps=20", "-o", "width=8") if name == "char_rnn" else ()
    arguments = ["--plugin", file, "--corpus", words, "--model", name, "--seed", 1]
    trained = tokgen("train", *arguments, *options, "--output", made)
    assert trained.code == 0, trained.err
    drawn = tokgen("generate", "--plugin", file, "--checkpoint", made, "-n", 5, "--seed", 1)
    assert (drawn.code, len(drawn.out.splitlines())) == (0, 5)
    told = json.loads(tokgen("score", "abba", "--plugin", file, "--checkpoint", made, "--json").out)
    assert sum(told["logprobs"]) == pytest.approx(told["logprob"])
