"""Parts: the whole models that a model is made of (a mixture's), named in its option `parts`.

A part is written as a model with its options, `ngram:order=3`, or as the path of a checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tokgen import registry
from tokgen.errors import RequestError
from tokgen.paths import is_there
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun, Progress
from tokgen.plugin_api.model import LanguageModel, Parts
from tokgen.plugin_api.options import PluginOptions, parse_options
from tokgen.training.checkpoint import Checkpoint, vocabulary_for
from tokgen.training.default_steps import with_default_steps
from tokgen.training.measuring import best_evaluation
from tokgen.training.metadata import read_metadata
from tokgen.training.tensor_names import PartPath


@dataclass
class PartFits:
    """Fits the parts of a model; again, for the steps that were best the first time, in a refit.

    Attributes:
        run: seed and device of each fit.
        report: called with the progress of each.
        documents: by how many the steps go that a part does not name.
        steps: the best step of each part that has been fitted.
        measured: each part as it was fitted first.
    """

    run: FitRun
    report: Callable[[Progress], None]
    documents: int = 0
    steps: dict[PartPath, int] = field(default_factory=dict)
    measured: dict[PartPath, LanguageModel] = field(default_factory=dict)

    def parts_of(
        self,
        options: PluginOptions,
        train: Dataset,
        validation: Dataset | None,
        path: PartPath = (),
    ) -> Parts:
        """The parts that the options name, each under the name that is written there.

        Raises:
            RequestError: there is no such model or file, its tokens or columns are not those of
                the dataset, or a part is named twice.
            KeyboardInterrupt: a fit was interrupted; what is half fitted is no part.
        """
        written: tuple[str, ...] = getattr(options, "parts", ())
        twice = [each for each in written if written.count(each) > 1]
        if twice:
            raise RequestError(f"The part {twice[0]!r} is named twice.")
        return {name: self._part(name, train, validation, (*path, name)) for name in written}

    def _part(
        self, written: str, train: Dataset, validation: Dataset | None, path: PartPath
    ) -> LanguageModel:
        named = registry.parse_written("models", written)
        if _is_file(written):
            return _loaded(written, train)
        if "=" in named.name:
            raise RequestError(
                f"The part {written!r} is no model; a part with several options is written in "
                'JSON, as parts=["ngram:order=3,smoothing=add-k"].'
            )
        model_class = registry.load_model(named.name)
        told = parse_options(model_class.Options, named.options, f"Model {named.name!r}")
        options = with_default_steps(told, self.documents)
        if not model_class.reads_given:
            train = train.without_columns()
            validation = None if validation is None else validation.without_columns()
        return self._fitted(model_class, options, train, validation, path)

    def _fitted(
        self,
        model_class: type[LanguageModel],
        options: PluginOptions,
        train: Dataset,
        validation: Dataset | None,
        path: PartPath,
    ) -> LanguageModel:
        parts = self.parts_of(options, train, validation, path)
        history: list[Progress] = []

        def reported(progress: Progress) -> None:
            history.append(progress)
            self.report(progress)

        steps, measured = self.steps.get(path), self.measured.get(path)
        run = replace(self.run, report=reported, max_steps=steps, measured=measured)
        fitted = model_class.fitted(options, train.vocabulary, train, validation, run, parts)
        if any(progress.interrupted for progress in history):
            raise KeyboardInterrupt
        best = best_evaluation(history)
        if best is not None:
            self.steps[path] = best[1]
        self.measured.setdefault(path, fitted)
        return fitted


def reads_given(model_class: type[LanguageModel], options: PluginOptions) -> bool:
    """Whether a model can be told a column; one that has parts can if one of these can.

    Raises:
        RequestError: there is no such part.
    """
    written: tuple[str, ...] = getattr(options, "parts", ())
    return model_class.reads_given and (not written or any(map(_part_reads_given, written)))


def _part_reads_given(written: str) -> bool:
    if _is_file(written):
        return bool(read_metadata(Path(written)).columns)
    name, _ = registry.split_written("models", written)
    return registry.load_model(name).reads_given


def uses_device(model_class: type[LanguageModel], options: PluginOptions) -> bool:
    """Whether the device matters to a model's fit, or to that of one of its parts."""
    if model_class.uses_device:
        return True
    written: tuple[str, ...] = getattr(options, "parts", ())
    for each in written:
        if not _is_file(each):
            named = registry.parse_written("models", each)
            part = registry.load_model(named.name)
            told = parse_options(part.Options, named.options, f"Model {named.name!r}")
            if uses_device(part, told):
                return True
    return False


def part_files(options: PluginOptions) -> list[str]:
    """The checkpoints among the parts that the options name."""
    return [written for written in getattr(options, "parts", ()) if _is_file(written)]


def _is_file(written: str) -> bool:
    name, _ = registry.split_written("models", written)
    return name not in registry.names("models") and is_there(written)


def _loaded(written: str, train: Dataset) -> LanguageModel:
    model = Checkpoint.load(Path(written)).model
    if model.vocabulary != vocabulary_for(type(model), train.vocabulary):
        raise RequestError(f"The part {written!r} has other tokens or columns than the corpus.")
    return model
