"""ModelUnderTest: a model fitted on a few documents, with the prefixes on which it is tried."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.errors import PluginError
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.rows import check_normalised
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.testing.clause import ClauseNotCheckedError
from tokgen.testing.computed_once import computed_once
from tokgen.testing.models.asking import as_asked, copied, in_form
from tokgen.testing.models.documents import with_start_id
from tokgen.testing.models.fitted_under_test import FittedUnderTest
from tokgen.testing.models.saved_model import Reloaded, in_new_process
from tokgen.testing.models.tried_prefixes import (
    one_by_one,
    prefixes_of_lengths,
    prefixes_with_values,
    tried_lengths,
)

OTHERS_UNUSABLE = "for the others next_logprobs gave no distribution"


class ModelUnderTest(FittedUnderTest):
    """A model with the inputs on which it is tried.

    Most clauses look at `raw`, the model as its author wrote it: guards would refuse what another
    clause is about, and would ask for the same number of rows each time.
    """

    @computed_once
    def started(self) -> ModelUnderTest:
        """The same model over a vocabulary with a start id."""
        other = StartedModelUnderTest(self._name, self._asked_for)
        other.refused_calls = self.refused_calls
        return other

    @computed_once
    def reloaded(self) -> Reloaded:
        """The fitted model as a new process has it."""
        return in_new_process(self.found, self.fitted, self.prefixes)

    @computed_once
    def every_prefix(self) -> Prefixes:
        """Prefixes (B,) of each length that is tried, the shortest first."""
        return prefixes_of_lengths(self._lengths, self.vocabulary)

    @computed_once
    def every_single(self) -> list[Prefixes]:
        """The same prefixes, each in a batch of its own."""
        return one_by_one(self.every_prefix)

    @property
    def prefixes(self) -> Prefixes:
        """Those for which the model gives a distribution; all where there are none.

        Two clauses are about the others, and each clause that leaves them out says so.
        """
        count, usable = len(self.every_prefix), self._usable
        if len(usable) < count:
            self.looked_at = f"on {len(usable)} of {count} prefixes: {OTHERS_UNUSABLE}"
        return self._usable_prefixes

    @property
    def singles(self) -> list[Prefixes]:
        """The same prefixes, each in a batch of its own."""
        return one_by_one(self.prefixes)

    @computed_once
    def _usable_prefixes(self) -> Prefixes:
        return self.every_prefix.select(self._usable)

    @computed_once
    def _usable(self) -> Ints:
        usable = [row for row, each in enumerate(self.every_single) if self._gives_row(each)]
        return np.array(usable or range(len(self.every_prefix)), np.int64)

    def _gives_row(self, prefix: Prefixes) -> bool:
        try:
            check_normalised(self.rows_as_written(prefix))
        except (PluginError, NotAsPromisedError, ClauseNotCheckedError):
            return False
        return True

    def rows(self, prefixes: Prefixes, model: LanguageModel | None = None) -> Floats:
        """What the raw model gives for a copy of prefixes (B, V), as the core asks it.

        Raises:
            PluginError: it fails.
            ClauseNotCheckedError: that is no matrix (B, V), or leaves nothing to what can follow;
                the clauses `rows-form` and `start-id` are about it.
        """
        return as_asked(self.rows_as_written(prefixes, model), self.vocabulary)

    def rows_as_written(self, prefixes: Prefixes, model: LanguageModel | None = None) -> Floats:
        """The same with what the model gives a start id; raises as `rows`."""
        asked = self.raw if model is None else model
        with self.calling("next_logprobs"):
            rows: Any = self.implementation.next_logprobs(asked, copied(prefixes))
        return in_form(rows, (len(prefixes), self.vocabulary.size))

    def exact_or(self, tolerance: float) -> float:
        """How far equal numbers (nats) may differ: 0 where equal bits are declared."""
        return 0.0 if self.raw.batch_invariant else tolerance

    @property
    def rounding(self) -> float:
        """By how much (nats) rounding may change a row of its dtype."""
        return 1e-9 if np.dtype(self.raw.dtype) == np.float64 else 1e-5

    def prefixes_of(self, rows: list[list[int]]) -> Prefixes:
        """Prefixes with these ids, and with other values of the columns in each."""
        return prefixes_with_values(rows, self.vocabulary)

    def described(self, prefixes: Prefixes, row: int = 0) -> str:
        """A prefix in the author's terms."""
        ids = prefixes[row]
        text = " ".join(self.vocabulary.symbols[token] for token in ids)
        given = f", given {prefixes.given[row].tolist()}" if self.vocabulary.columns else ""
        return f"the prefix {text!r} (ids {ids}){given}" if ids else f"the empty prefix{given}"

    @computed_once
    def longest(self) -> int:
        """The most tokens of the prefixes."""
        return max(self._lengths)

    @computed_once
    def _lengths(self) -> list[int]:
        return tried_lengths(self.raw, self.longest_document)

    def without_beginning(self, prefixes: Prefixes) -> Prefixes:
        """The same behind the start id, where there is one: as documents are given."""
        lengths = prefixes.lengths - len(self.vocabulary.beginning)
        return Prefixes(prefixes.ids, lengths, prefixes.given)


class StartedModelUnderTest(ModelUnderTest):
    """A model over a vocabulary that has a start id, with which every prefix begins."""

    clause_of_fit = "start-id"

    @computed_once
    def vocabulary(self) -> Vocabulary:
        """The letters, the terminator and the columns that there are without it, and a start id."""
        return with_start_id(super().vocabulary)
