"""A recipe with everything that it names opened and checked; nothing is computed yet."""

from __future__ import annotations

from dataclasses import dataclass

from tokgen import registry
from tokgen.corpus.corpus import Corpus, open_corpus
from tokgen.corpus.tokenizer_choice import ChosenTokenizer, choose_tokenizer, fit_tokenizer
from tokgen.defaults import DEFAULT_MODEL
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import PluginOptions, parse_options
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.training.recipe import Recipe


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
    chosen = choose_tokenizer(recipe.tokenizer, corpus)
    model_name = recipe.model or (card.model if card else DEFAULT_MODEL)
    model_class = registry.load_model(model_name)
    options = parse_options(model_class.Options, recipe.options, f"Model {model_name!r}")
    tokenizer = fit_tokenizer(chosen.written, corpus)
    # The plan is completed, so that the checkpoint's recipe says what was really used.
    complete = recipe.model_copy(update={"tokenizer": chosen.written, "model": model_name})
    return Plan(complete, corpus, tokenizer, model_name, model_class, options, chosen)
