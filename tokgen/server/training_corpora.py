"""The corpora that the page may learn from: those that are installed, and the server's own file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from tokgen import registry
from tokgen.corpus.card import open_package
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.once import called
from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError, TokgenError, did_you_mean
from tokgen.server.api_errors import ApiError
from tokgen.text_model.text_model import TextModel


class TrainingCorpora:
    """Corpora by name. A file is none, but for the one that the server was started with."""

    def __init__(self, own: TextModel) -> None:
        self._model = own

    def told(self) -> Iterator[dict[str, Any]]:
        """What the page is told of each."""
        if self._own is not None:
            name, count = called(self._own.name), len(self._own.documents)
            yield {"name": name, "title": name, "documents": count}
        for name in registry.names("corpora"):
            try:
                card = open_package(name).card
            except TokgenError:
                continue  # Whoever names it is told what is wrong with it.
            yield {"name": name, "title": card.title, "documents": card.data.rows}

    def named(self, name: str) -> Corpus:
        """The corpus of this name.

        Raises:
            ApiError: 404, there is none.
            PluginError: it is not in order.
        """
        installed = registry.names("corpora")
        if name in installed:
            return open_corpus(name)
        own = [] if self._own is None else [called(self._own.name)]
        if self._own is None or name not in own:
            said = f"There is no corpus {name!r} here.{did_you_mean(name, [*own, *installed])}"
            raise ApiError(404, said, "corpus", "corpus_not_found")
        return self._own

    @cached_property
    def _own(self) -> Corpus | None:
        """The file of the server's own model; None where it has another corpus, or none."""
        try:
            corpus = self._model.trained_on
        except RequestError:
            return None
        is_file = not corpus.package and not corpus.is_in_memory and Path(corpus.name).is_file()
        return corpus if is_file and called(corpus.name) not in registry.names("corpora") else None
