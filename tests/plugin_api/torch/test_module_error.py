"""A torch model that is not written as its contract says is refused, with the line to change."""

from __future__ import annotations

import inspect

import pytest
import torch
from models import symbols
from sequence_networks import CharRNN, Normed
from torch import nn

from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.torch.module_error import ModuleError

VOCABULARY = symbols(5)
DATA = Dataset(EncodedDocuments.of([[0, 1, 2], [3], [1, 1]]), VOCABULARY)


class SaysNothing(CharRNN):
    """Does not say what it reads, as a class that derives from nothing else."""

    reads = "context"


class Misspelt(CharRNN):
    """Reads what nobody knows."""

    reads = "sequences"


class InAList(CharRNN):
    """Keeps a layer in a plain list."""

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.more = [nn.Linear(2, 2)]


class InADictionary(CharRNN):
    """Keeps a parameter in a plain dictionary."""

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.more = {"scale": nn.Parameter(torch.ones(2))}


class Block(nn.Module):
    """Layers that are used together, in a tuple."""

    def __init__(self):
        super().__init__()
        self.inside = (nn.Linear(2, 2), nn.Linear(2, 2))


class InABlock(CharRNN):
    """Keeps layers in a tuple of a layer of its own."""

    def build(self, options, vocabulary):
        super().build(options, vocabulary)
        self.block = Block()


class CalledPast(CharRNN):
    """Calls the cache by another name."""

    def forward(self, ids, given=None, past=None):
        return super().forward(ids, cache=past)


class WithoutCache(CharRNN):
    """Cannot be given the cache that it returns."""

    def forward(self, ids, given=None):
        return super().forward(ids)


class OneForEach(Normed):
    """Gives logits for each id of a context."""

    def forward(self, ids, given=None, cache=None):
        return super().forward(ids)[:, None].expand(-1, ids.shape[1], -1)


class ReturnsNothing(Normed):
    """Has forgotten to return its logits."""

    def forward(self, ids, given=None, cache=None):
        super().forward(ids)


class OfFixedSize(Normed):
    """Gives a logit for each letter of English, whatever the vocabulary."""

    def forward(self, ids, given=None, cache=None):
        return nn.functional.pad(super().forward(ids), (0, 21))


class BeginsAgain(Normed):
    """Writes `build` as the constructor of a torch module."""

    def build(self, options, vocabulary):
        super().__init__()


class WithoutTraining(CharRNN):
    """Declares options without those of the training."""

    class Options(PluginOptions):
        """Options."""

        width: int = 4


class Probabilities(Normed):
    """Applies softmax itself."""

    def forward(self, ids, given=None, cache=None):
        return super().forward(ids).softmax(dim=-1)


@pytest.mark.parametrize(
    ("kind", "said", "line"),
    [
        (SaysNothing, 'needs an option `context`: write `reads = "sequence"`', "class SaysN"),
        (Misspelt, '`reads` is \'sequences\' instead of "context" or "sequence"', "reads ="),
        (InAList, "the list `self.more` are not seen by torch", "self.more ="),
        (InADictionary, r"write `self.more = nn.ModuleDict\(…\)`", "self.more ="),
        (InABlock, r"write `self.inside = nn.ModuleList\(…\)`", "self.inside ="),
        (CalledPast, r"no parameter `cache` .* \(its parameters are ids, given, past\)", "def for"),
        (WithoutCache, r"its parameters are ids, given\): write `forward\(self, ids", "def for"),
        (OneForEach, 'for `reads = "sequence"`, and the class reads "context"', "return super"),
        (Probabilities, "probabilities instead of logits: leave the softmax out", "return super"),
        (
            OfFixedSize,
            r"\(16, 26\) instead of logits \(16, 5\): the vocabulary has 5 tokens here, which is "
            "`vocabulary.size` in `build`",
            "return nn",
        ),
        (BeginsAgain, r"build calls `super\(\).__init__\(\)`.* leave the line out", "super().__in"),
        (WithoutTraining, r"write `class Options\(NetworkOptions\)`", "class Options"),
        (ReturnsNothing, r"forward returns nothing instead of logits \(16, 5\)", "def forward"),
    ],
)
def test_it_is_said_what_is_wrong_and_where(kind, said, line):
    with pytest.raises(ModuleError, match=said) as refused:
        kind.fitted(kind.Options(), VOCABULARY, DATA, DATA, FitRun())
    file, number = refused.value.source_line
    assert file.read_text().splitlines()[number - 1].strip().startswith(line)


def test_layers_that_torch_sees_may_stand_in_a_list_too():
    class Listed(CharRNN):
        """Has its layers in their order."""

        def build(self, options, vocabulary):
            super().build(options, vocabulary)
            self.stack = nn.ModuleList([nn.Linear(2, 2)])
            self.in_order = [self.table, *self.stack]

    assert Listed(Listed.Options(), VOCABULARY).in_order


def test_a_forward_that_takes_everything_takes_a_cache():
    class Everything(CharRNN):
        """Hands on whatever it is given."""

        def forward(self, ids, **told):
            return super().forward(ids, **told)

    fitted = Everything.fitted(Everything.Options(), VOCABULARY, DATA, DATA, FitRun())
    assert fitted.decoder is not None


def test_a_class_without_a_file_is_refused_without_a_line():
    namespace = {"CharRNN": CharRNN, "__name__": "nowhere"}
    exec(inspect.cleandoc(SOURCE), namespace)
    kind = namespace["Typed"]
    with pytest.raises(ModuleError, match="instead of") as refused:
        kind(kind.Options(), VOCABULARY)
    assert refused.value.source_line is None


SOURCE = """
class Typed(CharRNN):
    reads = "everything"
"""
