"""The documents on which a model under test is fitted: few, short, and with something to learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tokgen.arrays import Ints
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.vocabulary import Vocabulary

# The terminator is not the id 0, so that a model that pads with zeros is found out.
SYMBOLS = ("a", "b", "c", "d", "e", "-")
LETTERS = len(SYMBOLS) - 1
COLUMNS = {"colour": ("red", "blue"), "size": ("small", "large")}
LONGEST = 8
COUNT = 63


def small_vocabulary(*, with_columns: bool) -> Vocabulary:
    """Five letters and a terminator."""
    vocabulary = Vocabulary(SYMBOLS, LETTERS)
    return vocabulary.with_columns(COLUMNS if with_columns else {})


def with_start_id(vocabulary: Vocabulary) -> Vocabulary:
    """The same with a start id behind all others, which keep their ids."""
    return replace(vocabulary, symbols=(*vocabulary.symbols, "^"), start_id=vocabulary.size)


def small_dataset(vocabulary: Vocabulary, longest: int, seed: int) -> Dataset:
    """Documents of 1 to `longest` tokens, each with other values of the columns, 0 among them.

    After a letter most often stands the next one of the alphabet, or with a value of a column the
    one after that.
    """
    generator = np.random.default_rng(seed)
    given = values_in_turn(vocabulary, COUNT)
    stride = 1 + given.sum(axis=1)
    documents = [_document(longest, int(each), generator) for each in stride]
    return Dataset(EncodedDocuments.of(documents), vocabulary, given)


def values_in_turn(vocabulary: Vocabulary, count: int) -> Ints:
    """Values of the columns (`count`, C): none at first, then others than in the row before."""
    given = np.zeros((count, len(vocabulary.columns)), np.int64)
    for column, values in enumerate(vocabulary.columns.values()):
        size = len(values) + 1
        given[:, column] = np.arange(count) // size**column % size
    return given


def _document(longest: int, stride: int, generator: np.random.Generator) -> list[int]:
    ids = [int(generator.integers(2))]
    while len(ids) < generator.integers(1, longest + 1):
        usual = (ids[-1] + stride) % LETTERS
        ids.append(usual if generator.random() < 0.8 else int(generator.integers(LETTERS)))
    return ids
