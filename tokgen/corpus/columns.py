"""Columns: what a corpus says of its documents, as ids that a model can be given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.splits import SplitName
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.plugin_api.vocabulary import Vocabulary


def values_in_training(corpus: Corpus, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The different values that these columns have in the training split; all in sorted order.

    Raises:
        RequestError: there is no such column.
    """
    rows = corpus.rows_of("train")
    return {name: tuple(np.unique(corpus.column(name)[rows]).tolist()) for name in sorted(names)}


def value_ids(values: NDArray[np.str_], known: tuple[str, ...]) -> Ints:
    """The id (D,) of each value: its place among the known ones from 1 on, 0 for any other."""
    numbers = {value: number for number, value in enumerate(known, start=1)}
    different, places = np.unique(values, return_inverse=True)
    ids = np.array([numbers.get(value, 0) for value in different.tolist()], dtype=np.int64)
    return ids[places.reshape(-1)]


def encode_splits(
    corpus: Corpus, splits: Iterable[SplitName], tokenizer: Tokenizer, vocabulary: Vocabulary
) -> Dataset:
    """Splits of a corpus, one after the other, as examples with what of each document is given.

    A column that the corpus does not have is unknown.

    Raises:
        RequestError: a document cannot be encoded, or a file has no such split.
    """
    order = np.concatenate([np.flatnonzero(corpus.rows_of(name)) for name in splits])
    documents = tokenizer.encode_documents(corpus.documents.select(order))
    return Dataset(documents, vocabulary, _given(corpus, order, vocabulary.columns))


def _given(corpus: Corpus, rows: Ints, columns: Mapping[str, tuple[str, ...]]) -> Ints:
    given = np.zeros((len(rows), len(columns)), dtype=np.int64)
    for place, (name, known) in enumerate(columns.items()):
        if name in corpus.columns:
            given[:, place] = value_ids(corpus.columns[name][rows], known)
    return given
