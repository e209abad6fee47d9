"""How often a classifier is right on documents that it was not trained on, beside simpler ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen import registry
from tokgen.corpus.corpus import Corpus
from tokgen.defaults import BASELINE_MODEL
from tokgen.errors import RequestError
from tokgen.generation.scoring import token_logprobs
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun
from tokgen.text_model.classification import Classifier
from tokgen.text_model.opened_model import OpenedModel


@dataclass(frozen=True)
class Accuracy:
    """The share of held-out documents whose value of a column is the one found.

    Attributes:
        values: how many different values the training documents have.
        model: by the model, the other columns unknown.
        ngrams: by one n-gram for each value, fitted on the documents that have it, and the shares.
        largest_share: by the value that most training documents have.
    """

    column: str
    values: int
    documents: int
    model: float
    ngrams: float
    largest_share: float


def accuracies(text_model: OpenedModel) -> Iterator[Accuracy]:
    """One for each column that the model is told, on the test split of its corpus.

    A file has no test split: there it is the validation split, which also chose the weights.

    Raises:
        RequestError: as `Classifier.of`; or no document is held out.
    """
    classifier, corpus = Classifier.of(text_model), text_model.trained_on
    held_out = corpus.rows_of("validation" if corpus.package is None else "test")
    if not held_out.any():
        raise RequestError(
            f"No document of {corpus.name!r} is held out: there is none to classify."
        )
    found = list(classifier.classify(corpus.documents.select(held_out)))
    for column in text_model.model.vocabulary.columns:
        true, known = (
            corpus.column(column)[held_out],
            corpus.column(column)[corpus.rows_of("train")],
        )
        values, counts = np.unique(known, return_counts=True)
        by_model = np.array([each.columns[column][0].value for each in found])
        yield Accuracy(
            column,
            len(values),
            len(true),
            model=float((by_model == true).mean()),
            ngrams=float((_by_ngrams(text_model, corpus, column, held_out) == true).mean()),
            largest_share=float((values[counts.argmax()] == true).mean()),
        )


def _by_ngrams(
    text_model: OpenedModel, corpus: Corpus, column: str, rows: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """The value (D,) of these rows under which their own n-gram, times its share, is highest."""
    tokenizer, vocabulary = text_model.tokenizer, text_model.tokenizer.vocabulary
    held_out = Dataset(tokenizer.encode_documents(corpus.documents.select(rows)), vocabulary)
    train = corpus.rows_of("train")
    values, counts = np.unique(corpus.column(column)[train], return_counts=True)
    kind = registry.load_model(BASELINE_MODEL)
    joint = []
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        own = corpus.documents.select(train & (corpus.column(column) == value))
        dataset = Dataset(tokenizer.encode_documents(own), vocabulary)
        model = kind.fitted(kind.Options(), vocabulary, dataset, None, FitRun(), {})
        totals = np.add.reduceat(token_logprobs(model, held_out), held_out.starts)
        joint.append(totals + np.log(count))
    found: NDArray[np.str_] = values[np.stack(joint).argmax(axis=0)]
    return found
