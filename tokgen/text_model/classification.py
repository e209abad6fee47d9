"""Classification by a model that is told columns: Bayes' rule over the values that rows have.

p(values | text) is in proportion to p(text | values) p(values): the text is scored under each
combination of values that the training documents have, times the share of these documents that have
it. The probability of one column's value is the sum over the combinations with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.corpus.columns import value_ids
from tokgen.corpus.text_file import as_document
from tokgen.errors import RequestError
from tokgen.generation.scoring import token_logprobs
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.text_model.given import written_as_options
from tokgen.text_model.opened_model import OpenedModel

TEXTS_AT_ONCE = 64


@dataclass(frozen=True)
class ValueProbability:
    """One value of a column.

    Attributes:
        prob: probability of the value, given the text.
        share: the share of the training documents that have the value, which is its probability
            without a text.
    """

    value: str
    prob: float
    share: float


@dataclass(frozen=True)
class Classified:
    """A text with the values of each column and their probabilities, the most probable first.

    Attributes:
        logprob: log-probability of the text in nats, summed over all combinations of values, each
            weighted by its share of the training documents.
    """

    text: str
    logprob: float
    columns: dict[str, tuple[ValueProbability, ...]]

    def __str__(self) -> str:
        """What `print` shows."""
        from tokgen.text_model.printed_results import printed_classified

        return printed_classified(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.worked_html import html_of_classified

        return html_of_classified(self)


@dataclass(frozen=True, eq=False)
class Classifier:
    """The combinations (K) of values that training documents have.

    Attributes:
        combinations: the ids of the values, (K, C); 0 where a document has none that is known.
        shares: of the training documents (K,).
    """

    text_model: OpenedModel
    combinations: Ints
    shares: Floats

    @classmethod
    def of(cls, text_model: OpenedModel) -> Classifier:
        """The classifier that a model is; what it is told already is taken for known.

        Raises:
            RequestError: the model is told no columns, its corpus is not found, or none of its
                training documents has the values that the model is told.
        """
        columns = text_model.model.vocabulary.columns
        name = text_model.metadata.model.name
        if not columns:
            raise RequestError(
                f"The model {name!r} is told no columns, so that it cannot classify: one that was "
                "trained with --condition-on COLUMN can.",
                field="given",
            )
        corpus = text_model.trained_on
        rows = corpus.rows_of("train")
        ids = [value_ids(corpus.column(each)[rows], values) for each, values in columns.items()]
        combinations, counts = np.unique(np.stack(ids, axis=1), axis=0, return_counts=True)
        told = np.array(text_model.given_ids or text_model.model.vocabulary.nothing_given)
        fitting = ((told == 0) | (combinations == told)).all(axis=1)
        if not fitting.any():
            given = written_as_options(text_model.given)
            raise RequestError(f"No training document has {given}.", field="given")
        combinations, counts = combinations[fitting], counts[fitting]
        return cls(text_model, combinations, counts / counts.sum())

    def classify(self, texts: Iterable[str]) -> Iterator[Classified]:
        """The values that each text has, and how probably.

        Raises:
            RequestError: a text holds an unknown character, or no values make it possible.
        """
        remaining = map(as_document, texts)
        while batch := list(islice(remaining, TEXTS_AT_ONCE)):
            for text, joint in zip(batch, self._joint(batch), strict=True):
                highest = float(joint.max())
                if highest == -np.inf:
                    raise RequestError(f"The text {text!r} is impossible under this model.")
                weights = np.exp(joint - highest)
                logprob = highest + float(np.log(weights.sum()))
                yield Classified(text, logprob, self._marginals(weights / weights.sum()))

    def _joint(self, texts: Sequence[str]) -> Floats:
        """Log-probability (B, K) of each text together with each combination, nats."""
        model, tokenizer = self.text_model.model, self.text_model.tokenizer
        count = len(self.shares)
        ids = [ids for ids in map(tokenizer.encode, texts) for _ in range(count)]
        given = np.tile(self.combinations, (len(texts), 1))
        dataset = Dataset(EncodedDocuments.of(ids), model.vocabulary, given)
        totals = np.add.reduceat(token_logprobs(model, dataset), dataset.starts)
        return totals.reshape(len(texts), count) + np.log(self.shares)

    def _marginals(self, posterior: Floats) -> dict[str, tuple[ValueProbability, ...]]:
        return {
            name: self._values(self.combinations[:, place], self._names[name], posterior)
            for place, name in enumerate(self._names)
        }

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        columns = self.text_model.model.vocabulary.columns
        return {name: ("", *values) for name, values in columns.items()}

    def _values(
        self, ids: Ints, names: Sequence[str], posterior: Floats
    ) -> tuple[ValueProbability, ...]:
        probs = np.bincount(ids, posterior, len(names))
        shares = np.bincount(ids, self.shares, len(names))
        order = np.argsort(-probs, kind="stable")
        return tuple(
            ValueProbability(names[each], float(probs[each]), float(shares[each]))
            for each in order.tolist()
            if shares[each] > 0
        )
