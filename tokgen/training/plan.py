"""A recipe with everything that it names opened and checked; nothing is computed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tokgen import registry
from tokgen.corpus.columns import encode_splits, values_in_training
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import open_corpus
from tokgen.corpus.splits import SplitName
from tokgen.corpus.tokenizer_choice import ChosenTokenizer, choose_tokenizer, fit_tokenizer
from tokgen.errors import RequestError
from tokgen.paths import from_any_folder
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import PluginOptions, parse_options
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.training.beginning import check_known, completed, load_beginning
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.default_model import ChosenModel, choose_model
from tokgen.training.default_steps import with_default_steps
from tokgen.training.parts import reads_given, uses_device
from tokgen.training.recipe import Recipe

ACCELERATORS = ("cuda", "mps")


@dataclass(frozen=True)
class Plan:
    """A recipe with everything that it names opened and checked; nothing has been computed yet.

    Attributes:
        vocabulary: the tokenizer's, with the columns that the model is told.
        beginning: whose weights the training begins with; None where they are random.
        repeats_dropped: how many documents were left out since they equal an earlier one.
    """

    recipe: Recipe
    corpus: Corpus
    tokenizer: Tokenizer
    vocabulary: Vocabulary
    chosen_model: ChosenModel
    model_class: type[LanguageModel]
    options: PluginOptions
    chosen_tokenizer: ChosenTokenizer
    repeats_dropped: int = 0
    beginning: Checkpoint | None = None

    @property
    def model_name(self) -> str:
        """The model that is trained."""
        return self.chosen_model.name

    def dataset(self, *splits: SplitName) -> Dataset:
        """Splits of the corpus, one after the other, in the plan's ids."""
        return encode_splits(self.corpus, splits, self.tokenizer, self.vocabulary)


def plan(recipe: Recipe) -> Plan:
    """Open what the recipe names; raises as `plan_on`."""
    beginning = load_beginning(recipe)
    if beginning is not None:
        recipe = completed(recipe, beginning)
    return plan_on(recipe, open_corpus(recipe.corpus, column=recipe.column), beginning)


def plan_on(recipe: Recipe, whole: Corpus, beginning: Checkpoint | None = None) -> Plan:
    """Open what the recipe names, but for its corpus and its beginning, which are open already.

    Raises:
        RequestError: a name, option or document is wrong, or the model reads no columns.
        PluginError: a plugin fails.
    """
    corpus = whole.filtered(recipe.where)
    repeats = corpus.repeats() if recipe.deduplicate else 0
    if recipe.deduplicate:
        corpus = corpus.deduplicated()
    if beginning is not None:
        check_known(corpus, beginning)
    chosen = _chosen_tokenizer(recipe, corpus, beginning)
    # By all rows, repeats included, as where a model is asked for later.
    chosen_model = choose_model(recipe.model, whole.filtered(recipe.where))
    model_name = chosen_model.name
    model_class = registry.load_model(model_name)
    written = parse_options(model_class.Options, recipe.options, f"Model {model_name!r}")
    options = with_default_steps(written, corpus.count_of("train"))
    columns = _columns(recipe, corpus, beginning)
    if columns and not reads_given(model_class, options):
        told = ", ".join(columns)
        raise RequestError(f"The model {model_name!r} cannot be told a column: it ignores {told}.")
    if recipe.device in ACCELERATORS and not uses_device(model_class, options):
        raise RequestError(
            f"The model {model_name!r} trains no network: the device {recipe.device!r} would have "
            "no effect."
        )
    tokenizer = beginning.tokenizer if beginning else fit_tokenizer(chosen.written, corpus)
    vocabulary = tokenizer.vocabulary.with_columns(columns)
    # The plan is completed, so that the checkpoint's recipe says what was really used.
    used = {"corpus": corpus.lasting_name, "tokenizer": chosen.written, "model": model_name}
    if recipe.from_checkpoint is not None:
        used["from_checkpoint"] = from_any_folder(recipe.from_checkpoint)
    complete = recipe.model_copy(update=used)
    return Plan(
        complete,
        corpus,
        tokenizer,
        vocabulary,
        chosen_model,
        model_class,
        options,
        chosen,
        repeats,
        beginning,
    )


def _chosen_tokenizer(
    recipe: Recipe, corpus: Corpus, beginning: Checkpoint | None
) -> ChosenTokenizer:
    if beginning is None:
        return choose_tokenizer(recipe.tokenizer, corpus)
    written = beginning.metadata.recipe.tokenizer or beginning.metadata.tokenizer.name
    return ChosenTokenizer(written, "as the checkpoint has it")


def _columns(
    recipe: Recipe, corpus: Corpus, beginning: Checkpoint | None
) -> Mapping[str, tuple[str, ...]]:
    """The columns that the model is told, with their values."""
    if beginning is not None:
        return beginning.metadata.columns
    return values_in_training(corpus, recipe.condition_on)
