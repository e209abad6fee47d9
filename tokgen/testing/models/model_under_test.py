"""ModelUnderTest: a model fitted on a few documents, with the prefixes on which it is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tokgen.arrays import Arrays, Floats, Ints
from tokgen.errors import PluginError, RequestError
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.rows import check_normalised
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun, Progress, Snapshot, ignore
from tokgen.plugin_api.model import LanguageModel, Parts
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.positions import most_tokens
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.testing.clause import ClauseNotCheckedError
from tokgen.testing.computed_once import computed_once
from tokgen.testing.models.asking import as_asked, asked_without_start, copied, in_form
from tokgen.testing.models.documents import (
    LETTERS,
    LONGEST,
    small_dataset,
    small_vocabulary,
    with_start_id,
)
from tokgen.testing.models.quick_options import MANY_STEPS, STEPS, quick_options
from tokgen.testing.models.saved_model import Reloaded, in_new_process
from tokgen.testing.plugin_under_test import PluginUnderTest
from tokgen.training.parts import PartFits
from tokgen.training.tensor_names import all_arrays

LONGEST_CONTEXT_TRIED = 256
OTHERS_UNUSABLE = "for the others next_logprobs gave no distribution"


class ModelUnderTest(PluginUnderTest):
    """A model with the inputs on which it is tried.

    Most clauses look at `raw`, the model as its author wrote it: guards would refuse what another
    clause is about, and would ask for the same number of rows each time.

    Attributes:
        clause_of_fit: the id of the clause that says whether it can be fitted.
    """

    clause_of_fit = "fits"

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__("models", name, options)
        self._name = name
        self._asked_for = dict(options)
        self._given_options = quick_options(self.guarded.Options) | self._asked_for

    @computed_once
    def started(self) -> ModelUnderTest:
        """The same model over a vocabulary with a start id."""
        other = StartedModelUnderTest(self._name, self._asked_for)
        other.refused_calls = self.refused_calls
        return other

    @computed_once
    def vocabulary(self) -> Vocabulary:
        """Six symbols, and two columns where the model reads columns."""
        return small_vocabulary(with_columns=self.guarded.reads_given)

    @computed_once
    def train(self) -> Dataset:
        """Documents in which each token makes another one likely."""
        return small_dataset(self.vocabulary, self._longest_document, seed=0)

    @computed_once
    def validation(self) -> Dataset:
        """Other documents of the same kind."""
        return small_dataset(self.vocabulary, self._longest_document, seed=1)

    @computed_once
    def parts(self) -> Parts:
        """Its parts, fitted, where its options name some."""
        return self._parts_of(self.train, self.validation)

    @computed_once
    def other_parts(self) -> Parts:
        """Parts of the same names that have learnt from other documents."""
        return self._parts_of(self.validation, self.train)

    def _parts_of(self, train: Dataset, validation: Dataset) -> Parts:
        fits = PartFits(FitRun(device="cpu", max_steps=STEPS), ignore)
        return fits.parts_of(self.options, train, validation)

    @computed_once
    def parts_before_fit(self) -> dict[str, Arrays]:
        """Copies of what each part had learnt before `fitted` was made."""
        return {
            name: {each: array.copy() for each, array in all_arrays(part).items()}
            for name, part in self.parts.items()
        }

    @computed_once
    def history(self) -> list[Progress]:
        """What the model reported while `fitted` was made."""
        return []

    @computed_once
    def snapshots(self) -> list[Snapshot]:
        """What the model saved while `fitted` was made."""
        return []

    @property
    def fitted(self) -> Any:
        """The model, fitted once.

        Raises:
            ClauseNotCheckedError: it cannot be fitted; another clause is about it.
        """
        if isinstance(self.first_fit, PluginError):
            raise ClauseNotCheckedError(f"follows from {self.clause_of_fit}")
        return self.first_fit

    @computed_once
    def first_fit(self) -> Any:
        """The fitted model, or the PluginError that came of the fit."""
        with self.clock.stopped():
            try:
                _ = self.parts_before_fit
                return self.fit_again(report=self.history.append, save_snapshot=self._keep)
            except PluginError as error:
                return error

    def fit_again(self, **circumstances: Any) -> Any:
        """Another fit on the same documents with the same seed."""
        run = FitRun(device="cpu", max_steps=STEPS, **circumstances)
        return self._fit(self.options, self.validation, run)

    def fit_without_validation(self) -> Any:
        """Another fit, without held-out documents."""
        return self._fit(self.options, None, FitRun(device="cpu", max_steps=STEPS))

    def fitted_longer(self) -> Any:
        """The model fitted with many steps, where its options let us say how many."""
        options = self.options
        if "steps" in quick_options(self.guarded.Options) and "steps" not in self._asked_for:
            options = options.model_copy(update={"steps": MANY_STEPS})
        return self._fit(options, self.validation, FitRun(device="cpu", max_steps=MANY_STEPS))

    def _fit(self, options: PluginOptions, validation: Dataset | None, run: FitRun) -> Any:
        try:
            return self.guarded.fitted(
                options, self.vocabulary, self.train, validation, run, self.parts
            )
        except RequestError as refused:
            raise ClauseNotCheckedError(f"it refuses the few documents: {refused}") from None

    def _keep(self, snapshot: Snapshot) -> None:
        arrays = {name: array.copy() for name, array in snapshot.arrays.items()}
        self.snapshots.append(Snapshot(arrays, dict(snapshot.facts)))

    @computed_once
    def raw(self) -> LanguageModel:
        """The fitted model as its author wrote it, made from what it learnt.

        Even so the model itself, too, is answered as the core asks it: without a start id.
        """
        arrays = {name: array.copy() for name, array in self.fitted.arrays().items()}
        with self.calling("from_arrays"):
            model: LanguageModel = self.implementation.from_arrays(
                self.options, self.vocabulary, arrays, self.parts
            )
        if self.vocabulary.beginning and type(model) is self.implementation:
            model.__class__ = asked_without_start(self.implementation)
        return model

    @computed_once
    def reloaded(self) -> Reloaded:
        """The fitted model as a new process has it."""
        return in_new_process(self.found, self.fitted, self.prefixes)

    @computed_once
    def every_prefix(self) -> Prefixes:
        """Prefixes (B,), the shortest first: none, less than the context, as much, and more."""
        generator = np.random.default_rng(7)
        rows = [self._content(length, generator) for length in self._lengths for _ in range(3)]
        begun = [[*self.vocabulary.beginning, *row] for row in rows]
        return self._with_given(Prefixes.of(begun, self.vocabulary.nothing_given))

    @computed_once
    def every_single(self) -> list[Prefixes]:
        """The same prefixes, each in a batch of its own."""
        return _one_by_one(self.every_prefix)

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
        return _one_by_one(self.prefixes)

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
        return self._with_given(Prefixes.of(rows, self.vocabulary.nothing_given))

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
        context = self.raw.context_length
        if context is None:
            return list(range(self._longest_document + 1))
        if context > LONGEST_CONTEXT_TRIED:
            return [0, 1, 2, 5, LONGEST_CONTEXT_TRIED]
        around = {0, 1, 2, context // 2, context - 1, context, context + 1, context + 3}
        most = most_tokens(self.raw)
        return sorted(each for each in around if each >= 0 and (most is None or each <= most))

    @computed_once
    def _longest_document(self) -> int:
        if "parts" in self.guarded.Options.model_fields:
            return LONGEST
        most = most_tokens(self.guarded(self.options, self.vocabulary))
        return LONGEST if most is None else min(most, LONGEST)

    def without_beginning(self, prefixes: Prefixes) -> Prefixes:
        """The same behind the start id, where there is one: as documents are given."""
        lengths = prefixes.lengths - len(self.vocabulary.beginning)
        return Prefixes(prefixes.ids, lengths, prefixes.given)

    def _content(self, length: int, generator: np.random.Generator) -> list[int]:
        return generator.integers(LETTERS, size=length).tolist()

    def _with_given(self, prefixes: Prefixes) -> Prefixes:
        """The first has no value; each other one has other values than the one before."""
        sizes = [len(values) + 1 for values in self.vocabulary.columns.values()]
        numbers = np.arange(len(prefixes))
        given = np.zeros((len(prefixes), len(sizes)), np.int64)
        for column, size in enumerate(sizes):
            given[:, column] = numbers // size**column % size
        return Prefixes(prefixes.ids, prefixes.lengths, given)


class StartedModelUnderTest(ModelUnderTest):
    """A model over a vocabulary that has a start id, with which every prefix begins."""

    clause_of_fit = "start-id"

    @computed_once
    def vocabulary(self) -> Vocabulary:
        """The letters, the terminator and the columns that there are without it, and a start id."""
        return with_start_id(super().vocabulary)


def _one_by_one(prefixes: Prefixes) -> list[Prefixes]:
    return [prefixes.select(np.array([row])) for row in range(len(prefixes))]
