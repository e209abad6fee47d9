"""A recipe with everything that it names opened and checked; nothing is computed yet."""

from __future__ import annotations

from dataclasses import dataclass

from tokgen import plugins
from tokgen.corpus import Corpus, open_corpus
from tokgen.dataset import Dataset
from tokgen.documents import Documents
from tokgen.errors import RequestError
from tokgen.model import LanguageModel
from tokgen.options import PluginOptions, parse_options
from tokgen.recipe import Recipe
from tokgen.tokenizer import Tokenizer

DEFAULT_TOKENIZER = "characters"
TOKENIZER_OF_OTHERS = "alphabet"
DEFAULT_MODEL = "mlp"


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
