"""CorpusUnderTest: a corpus read step by step, so that each step has a clause of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tokgen import registry
from tokgen.corpus.card import CorpusPackage, open_package
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.packaged import corpus_of, read_data
from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.options import parse_named, parse_options
from tokgen.testing.clause import ClauseNotCheckedError
from tokgen.testing.plugin_under_test import UnderTest


class CorpusUnderTest(UnderTest):
    """A corpus. It is data only: it has no class and takes no options.

    The clause of a step that fails is violated; those that need what comes after it are skipped.
    """

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        if options:
            raise RequestError(f"A corpus takes no options, and {', '.join(options)} is given.")
        super().__init__(registry.find("corpora", name))

    def open_package(self) -> CorpusPackage:
        """The package with its card; raises PluginError where they are not in order."""
        return open_package(self.found.name)

    def read_rows(self) -> Corpus:
        """The corpus, whatever the hash of its data; raises where rows or columns are wrong."""
        return corpus_of(self.package, self.data, self.found.name)

    def check_tokenizer(self) -> None:
        """Look for the card's tokenizer; raises where it, or an option of it, is unknown."""
        named = parse_named(*registry.split_written("tokenizers", self.package.card.tokenizer))
        declared = registry.load_tokenizer(named.name).Options
        parse_options(declared, named.options, f"Tokenizer {named.name!r}")

    @cached_property
    def package(self) -> CorpusPackage:
        """The package with its card.

        Raises:
            ClauseNotCheckedError: they are not in order.
        """
        try:
            return self.open_package()
        except PluginError as error:
            raise ClauseNotCheckedError(f"its card cannot be read: {error}") from None

    @cached_property
    def data(self) -> bytes:
        """The bytes of its data.

        Raises:
            ClauseNotCheckedError: there are none.
        """
        try:
            return read_data(self.package)
        except (PluginError, RequestError) as error:
            raise ClauseNotCheckedError(f"its data cannot be read: {error}") from None

    @cached_property
    def corpus(self) -> Corpus:
        """Its documents and columns.

        Raises:
            ClauseNotCheckedError: rows or columns are wrong.
        """
        try:
            return self.read_rows()
        except (PluginError, RequestError) as error:
            raise ClauseNotCheckedError(f"its rows cannot be read: {error}") from None
