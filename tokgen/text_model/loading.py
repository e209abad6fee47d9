"""Loading a model, or training one, as a library does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from tokgen import registry
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import corpus_of_texts, open_corpus
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.errors import RequestError, did_you_mean
from tokgen.plugin_api.fit_run import Progress, ignore
from tokgen.rng import drawn_seed
from tokgen.text_model.argument_names import asked_by_name
from tokgen.text_model.given import written_as_options
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import LacksPluginError
from tokgen.training.model_request import ChosenCheckpoint, ModelRequest
from tokgen.training.model_store import choose, choose_or
from tokgen.training.plan import plan_on
from tokgen.training.recipe import Device, recipe_of
from tokgen.training.train import train as train_planned
from tokgen.training.verdict import worth


@asked_by_name()
def load(
    corpus: str | Iterable[str] | None = None,
    model: str | None = None,
    checkpoint: str | Path | None = None,
    plugins: Iterable[str | Path] = (),
    given: Mapping[str, str] | None = None,
    *,
    where: Mapping[str, str] | None = None,
    column: str | None = None,
    options: Mapping[str, Any] | None = None,
    train: bool = False,
) -> TextModel:
    """Open the fitted model of a corpus plugin, a text file or a checkpoint.

    Args:
        corpus: name of a corpus plugin (by default `indian-names`), path of a UTF-8 text file with
            one document a line, or a list of texts, for which `train` must be True. Beside a
            checkpoint it is the corpus that `novel` compares with, by default the one that the
            model was trained on.
        model: name of a model plugin; by default the one that the corpus' card names.
        checkpoint: a checkpoint file, or "shipped" for the one that came with the corpus.
        plugins: Python files whose plugins are used too, for the rest of the process.
        given: column -> value, what the model is told; without `model` and `checkpoint` the model
            is the one that the corpus' card names for this.
        where: column -> value, the rows of the corpus.
        column: of a CSV or TSV file, the column that holds the documents.
        options: the model has these options.
        train: where there is no checkpoint, train a model by the default recipe, and keep it.

    Raises:
        RequestError: a name or file is wrong, or there is no checkpoint and `train` is False.
        PluginError: a plugin fails.
    """
    for file in plugins:
        registry.add_file(file)
    if corpus is not None and not isinstance(corpus, str):
        return _of_texts(corpus, model, options or {}, may_train=train)
    named = None if checkpoint is None else str(checkpoint)
    request = ModelRequest(corpus, model, where or {}, options or {}, named, column, given)
    try:
        chosen = choose(request) if train else choose_or(request, _refuse)
    except LacksPluginError as lacks:
        if lacks.field is None:
            raise
        said = f"{lacks} tokgen.load(…, plugins=[FILE]) brings it."
        raise LacksPluginError(said, field="plugins") from None
    return TextModel(chosen.checkpoint, chosen.corpus, given, lambda: chosen.worth)


@asked_by_name()
def train(
    corpus: str | Iterable[str] = DEFAULT_CORPUS,
    model: str | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    tokenizer: str | None = None,
    where: Mapping[str, str] | None = None,
    column: str | None = None,
    condition_on: Sequence[str] = (),
    deduplicate: bool = False,
    refit: bool = False,
    device: str = "auto",
    seed: int | None = None,
    plugins: Iterable[str | Path] = (),
    on_progress: Callable[[Progress], None] = ignore,
) -> TextModel:
    """Train a model now, as `tokgen train` does; `TextModel.save` keeps it.

    Its `verdict` says what it is worth, beside an n-gram and guessing.

    Args:
        corpus: name of a corpus plugin, path of a UTF-8 text file, or a list of texts.
        model: name of a model plugin; by default the one that the corpus' card names.
        options: the model's options, by name.
        tokenizer: `NAME:key=value`; by default the one that suits the corpus.
        where: column -> value, the rows of the corpus.
        column: of a CSV or TSV file, the column that holds the documents.
        condition_on: the columns whose values the model learns to be told.
        deduplicate: keep only the first of equal documents.
        refit: repeat the training on train and validation together, for the number of steps found.
        device: auto, cpu, cuda or mps.
        seed: the random seed of the training; None draws one, which `metadata.recipe.seed` tells.
        plugins: Python files whose plugins are used too, for the rest of the process.
        on_progress: called with each step's losses (nats per token); what it raises ends the
            training.

    Raises:
        RequestError: a name, an option or a document is wrong, or the training diverges.
        PluginError: a plugin fails.
        KeyboardInterrupt: Ctrl-C was pressed before there was anything worth keeping.
    """
    for file in plugins:
        registry.add_file(file)
    if device not in (known := get_args(Device)):
        raise RequestError(f"There is no device {device!r}.{did_you_mean(device, known)}")
    opened = (
        open_corpus(corpus, column=column) if isinstance(corpus, str) else corpus_of_texts(corpus)
    )
    recipe = recipe_of(
        corpus=opened.name,
        column=column,
        where=dict(where or {}),
        deduplicate=deduplicate,
        condition_on=list(condition_on),
        tokenizer=tokenizer,
        model=model,
        options=dict(options or {}),
        seed=drawn_seed() if seed is None else seed,
        refit=refit,
        device=device,
    )
    planned = plan_on(recipe, opened)
    trained = train_planned(planned, on_progress)
    return TextModel(trained.checkpoint, opened, worth=lambda: worth(planned, trained))


def _of_texts(
    texts: Iterable[str], model: str | None, options: Mapping[str, Any], *, may_train: bool
) -> TextModel:
    if not may_train:
        raise RequestError(
            "There is no model of a list of texts yet: tokgen.train(texts) makes one, and so does "
            "tokgen.load(texts, train=True).",
            field="train",
        )
    return train(texts, model, options=options)


def _refuse(request: ModelRequest, corpus: Corpus, model: str) -> ChosenCheckpoint:
    named = {"where": request.where, "column": request.column, "options": request.options}
    more = "".join(f", {name}={value!r}" for name, value in named.items() if value)
    rows = f" with {written_as_options(request.where)}" if request.where else ""
    raise RequestError(
        f"There is no checkpoint of {model!r} for {corpus.name!r}{rows} yet: "
        f"tokgen.train({request.corpus_or_default!r}, {model!r}{more}) makes one, and so does "
        "tokgen.load(…, train=True).",
        field="train",
    )
