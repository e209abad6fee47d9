"""FittedUnderTest: a model fitted on a few documents, as often as its clauses ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokgen.arrays import Arrays
from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun, Progress, Snapshot, ignore
from tokgen.plugin_api.model import LanguageModel, Parts
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.positions import most_tokens
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.testing.clause import ClauseNotCheckedError
from tokgen.testing.computed_once import computed_once
from tokgen.testing.models.asking import asked_without_start
from tokgen.testing.models.documents import LONGEST, small_dataset, small_vocabulary
from tokgen.testing.models.quick_options import MANY_STEPS, STEPS, quick_options
from tokgen.testing.plugin_under_test import PluginUnderTest
from tokgen.training.parts import PartFits
from tokgen.training.tensor_names import all_arrays


class FittedUnderTest(PluginUnderTest):
    """A model with the documents that it is fitted on.

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
    def vocabulary(self) -> Vocabulary:
        """Six symbols, and two columns where the model reads columns."""
        return small_vocabulary(with_columns=self.guarded.reads_given)

    @computed_once
    def train(self) -> Dataset:
        """Documents in which each token makes another one likely."""
        return small_dataset(self.vocabulary, self.longest_document, seed=0)

    @computed_once
    def validation(self) -> Dataset:
        """Other documents of the same kind."""
        return small_dataset(self.vocabulary, self.longest_document, seed=1)

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
    def longest_document(self) -> int:
        """The most tokens of the documents."""
        if "parts" in self.guarded.Options.model_fields:
            return LONGEST
        most = most_tokens(self.guarded(self.options, self.vocabulary))
        return LONGEST if most is None else min(most, LONGEST)
