"""Choosing the tokenizer of a corpus, and fitting it."""

from __future__ import annotations

from dataclasses import dataclass

from tokgen import registry
from tokgen.corpus.corpus import Corpus
from tokgen.defaults import DEFAULT_TOKENIZER, TOKENIZER_OF_OTHERS
from tokgen.errors import RequestError
from tokgen.plugin_api.options import PluginOptions, parse_options
from tokgen.plugin_api.tokenizer import Tokenizer


@dataclass(frozen=True)
class ChosenTokenizer:
    """A tokenizer with its options as it is written (`bpe:size=500`), and why it is this one."""

    written: str
    reason: str


def choose_tokenizer(asked: str | None, corpus: Corpus) -> ChosenTokenizer:
    """The tokenizer asked for, else the card's; a file gets `characters` if it is only a-z.

    Any other file gets `alphabet`.
    """
    if asked:
        return ChosenTokenizer(asked, "as asked for")
    if corpus.card:
        return ChosenTokenizer(corpus.card.tokenizer, "as the corpus' card says")
    try:
        fit_tokenizer(DEFAULT_TOKENIZER, corpus).encode_documents(corpus.documents)
    except RequestError:
        return ChosenTokenizer(TOKENIZER_OF_OTHERS, "since the file holds more than a-z")
    return ChosenTokenizer(DEFAULT_TOKENIZER, "since the file holds nothing but a-z")


def fit_tokenizer(written: str, corpus: Corpus) -> Tokenizer:
    """The tokenizer of this name and these options, fitted on the corpus' training split alone.

    It is told the characters of the whole corpus, so that no split holds an unknown one.

    Raises:
        RequestError: there is no such tokenizer or option, or a value does not fit.
        PluginError: the tokenizer fails.
    """
    _, tokenizer_class, options = parse_tokenizer(written)
    characters = corpus.documents.different_characters()
    return tokenizer_class.fit(options, corpus.split("train"), characters)


def parse_tokenizer(written: str) -> tuple[str, type[Tokenizer], PluginOptions]:
    """The name, the class and the options that are written; raises as `fit_tokenizer`."""
    named = registry.parse_written("tokenizers", written)
    tokenizer_class = registry.load_tokenizer(named.name)
    owner = f"Tokenizer {named.name!r}"
    return named.name, tokenizer_class, parse_options(tokenizer_class.Options, named.options, owner)
