"""Training: recipe -> fitted model -> checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tokgen import plugins
from tokgen.checkpoint import (
    FORMAT,
    Checkpoint,
    CorpusRecord,
    Metadata,
    TokenizerRecord,
    record,
)
from tokgen.corpus import Corpus, SplitName, open_corpus
from tokgen.dataset import Dataset
from tokgen.documents import Documents
from tokgen.errors import RequestError
from tokgen.evaluation import evaluate
from tokgen.fitting import FitRun, Progress, ignore
from tokgen.model import LanguageModel
from tokgen.options import PluginOptions, parse_options
from tokgen.recipe import Recipe
from tokgen.tokenizer import Tokenizer

DEFAULT_TOKENIZER = "characters"
TOKENIZER_OF_OTHERS = "alphabet"
DEFAULT_MODEL = "mlp"


@dataclass(frozen=True)
class Trained:
    """A checkpoint not yet saved, and how its loss fell."""

    checkpoint: Checkpoint
    history: tuple[Progress, ...]

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training early."""
        return any(progress.interrupted for progress in self.history)


@dataclass(frozen=True)
class ChosenTokenizer:
    """A tokenizer's name, and why it is this one."""

    name: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """A recipe with everything that it names opened and checked; nothing has been computed yet."""

    recipe: Recipe
    corpus: Corpus
    tokenizer: Tokenizer
    model_name: str
    model_class: type[LanguageModel]
    options: PluginOptions
    chosen_tokenizer: ChosenTokenizer

    def dataset(self, documents: Documents) -> Dataset:
        """Documents in the plan's ids."""
        return Dataset(self.tokenizer.encode_documents(documents), self.tokenizer.vocabulary)


def plan(recipe: Recipe) -> Plan:
    """Open what the recipe names.

    Raises:
        RequestError: a name, option or document is wrong.
        PluginError: a plugin fails.
    """
    corpus = open_corpus(recipe.corpus, recipe.where)
    if recipe.deduplicate:
        corpus = corpus.deduplicated()
    card = corpus.card
    chosen = choose_tokenizer(recipe, corpus)
    tokenizer_name = chosen.name
    model_name = recipe.model or (card.model if card else DEFAULT_MODEL)
    model_class = plugins.load_model(model_name)
    options = parse_options(model_class.Options, recipe.options, f"Model {model_name!r}")
    tokenizer = fit_tokenizer(tokenizer_name, corpus)
    # The plan is completed, so that the checkpoint's recipe says what was really used.
    complete = recipe.model_copy(update={"tokenizer": tokenizer_name, "model": model_name})
    return Plan(complete, corpus, tokenizer, model_name, model_class, options, chosen)


def choose_tokenizer(recipe: Recipe, corpus: Corpus) -> ChosenTokenizer:
    """The recipe's or the card's; a file of only a-z gets `characters`, others `alphabet`."""
    if recipe.tokenizer:
        return ChosenTokenizer(recipe.tokenizer, "as asked for")
    if corpus.card:
        return ChosenTokenizer(corpus.card.tokenizer, "as the corpus' card says")
    try:
        fit_tokenizer(DEFAULT_TOKENIZER, corpus).encode_documents(corpus.documents)
    except RequestError:
        return ChosenTokenizer(TOKENIZER_OF_OTHERS, "since the file holds more than a-z")
    return ChosenTokenizer(DEFAULT_TOKENIZER, "since the file holds nothing but a-z")


def fit_tokenizer(name: str, corpus: Corpus) -> Tokenizer:
    """The tokenizer of this name for a corpus; raises as `plugins.load` does."""
    tokenizer_class = plugins.load_tokenizer(name)
    options = parse_options(tokenizer_class.Options, {}, f"Tokenizer {name!r}")
    return tokenizer_class.fit(options, corpus.documents)


@dataclass
class _History:
    """Passes on what a model reports, and remembers it."""

    report: Callable[[Progress], None]
    seen: list[Progress] = field(default_factory=list)

    def __call__(self, progress: Progress) -> None:
        self.seen.append(progress)
        self.report(progress)

    def best_step(self) -> int | None:
        """The step with the lowest validation loss; None where the model reported none."""
        measured = [(p.validation_loss, p.step) for p in self.seen if p.validation_loss is not None]
        return min(measured)[1] if measured else None


def train(plan: Plan, report: Callable[[Progress], None] = ignore) -> Trained:
    """Fit the planned model and measure it on what it was not trained on.

    A corpus so small that no document falls into the validation split is trained on without one.
    With `refit`, a first run finds the number of steps on the validation split; the second trains
    on train and validation together for as long. Its losses are the first run's.

    Raises:
        RequestError: there is nothing to train on, or the training diverges.
    """
    started = time.perf_counter()
    history = _History(report)
    run = FitRun(plan.recipe.seed, plan.recipe.device, history)
    train_documents = _not_empty(plan.corpus, "train")
    validation_documents = plan.corpus.split("validation")
    vocabulary = plan.tokenizer.vocabulary
    model = plan.model_class.fit(
        plan.options,
        vocabulary,
        plan.dataset(train_documents),
        plan.dataset(validation_documents) if len(validation_documents) else None,
        run,
    )
    metrics = {"train_loss": evaluate(model, plan.tokenizer, train_documents).nll}
    if len(validation_documents):
        metrics["validation_loss"] = evaluate(model, plan.tokenizer, validation_documents).nll
    best_step = history.best_step()
    if best_step is not None:
        metrics["steps"] = best_step
    if plan.recipe.refit:
        everything = plan.dataset(train_documents + validation_documents)
        model = plan.model_class.fit(
            plan.options, vocabulary, everything, None, replace(run, stop_after=best_step)
        )
    metrics |= _test_loss(plan, model)
    metrics["seconds"] = time.perf_counter() - started
    return Trained(_checkpoint(plan, model, metrics), tuple(history.seen))


def _not_empty(corpus: Corpus, split: SplitName) -> Documents:
    documents = corpus.split(split)
    if not len(documents):
        raise RequestError(
            f"The {split} split of {corpus.name!r} is empty: its {len(corpus.documents)} "
            "documents are too few to hold some out."
        )
    return documents


def _test_loss(plan: Plan, model: LanguageModel) -> dict[str, float]:
    if plan.corpus.package is None:
        return {}
    documents = plan.corpus.split("test")
    return {"test_loss": evaluate(model, plan.tokenizer, documents).nll} if len(documents) else {}


def _checkpoint(plan: Plan, model: LanguageModel, metrics: dict[str, float]) -> Checkpoint:
    tokenizer_name = plan.recipe.tokenizer or DEFAULT_TOKENIZER
    node = record(plan.model_name, model)
    used: list[tuple[plugins.Kind, str]] = [("tokenizers", tokenizer_name)]
    nodes = [node]
    for each in nodes:
        used.append(("models", each.name))
        nodes += each.parts.values()
    metadata = Metadata(
        format=FORMAT,
        model=node,
        tokenizer=TokenizerRecord(name=tokenizer_name, state=plan.tokenizer.to_json()),
        corpus=CorpusRecord(
            name=plan.corpus.name,
            fingerprint=plan.corpus.fingerprint,
            where=dict(plan.corpus.where),
            documents=len(plan.corpus.documents),
        ),
        recipe=plan.recipe,
        plugins={
            f"{kind}:{name}": f"{found.distribution} {found.version}"
            for kind, name in used
            for found in [plugins.find(kind, name)]
        },
        metrics=metrics,
    )
    return Checkpoint(model, plan.tokenizer, metadata)
