"""The corpus that a model speaks of: what is novel is in no row of it."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property

from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError
from tokgen.training.metadata import Metadata


class CorpusOfModel:
    """The corpus that was named beside a model; where none was, the one that it was trained on."""

    def __init__(self, metadata: Metadata, named: Corpus | None) -> None:
        self._metadata = metadata
        self._named = named

    @cached_property
    def rows(self) -> Corpus:
        """The rows that were named, or all of the corpus that the model was trained on.

        Raises:
            RequestError: none was named, and that corpus is not here any more, or has changed.
        """
        if self._named is not None:
            return self._named
        recorded = self._metadata.corpus
        try:
            whole = open_corpus(recorded.name, column=recorded.column)
        except RequestError as error:
            raise RequestError(
                f"The corpus that the model was trained on is not found: {error}", field="corpus"
            ) from None
        if self._trained_on(whole) is None:
            raise RequestError(
                f"The corpus {recorded.name!r} has changed since the training.", field="corpus"
            )
        return whole

    @cached_property
    def trained_on(self) -> Corpus:
        """The rows that the model was trained on.

        Raises:
            RequestError: as `rows`; or another corpus was named.
        """
        found = self._trained_on(self.rows)
        if found is None:
            raise RequestError(self.another or "")
        return found

    @property
    def another(self) -> str | None:
        """A sentence where a corpus was named that the model was not trained on."""
        if self._named is None or self._trained_on(self._named) is not None:
            return None
        rows = [f"{column}={value}" for column, value in self._named.where.items()]
        named, recorded = " ".join([self._named.name, *rows]), self._metadata.corpus.name
        return f"The corpus {named} is not the one that the model was trained on ({recorded})."

    def _trained_on(self, corpus: Corpus) -> Corpus | None:
        """The rows of a corpus that the model was trained on; None where it was another corpus."""
        recorded = self._metadata.corpus
        with suppress(RequestError):  # It may lack the column of the rows.
            is_chosen = dict(corpus.where) == recorded.where
            rows = corpus if is_chosen else corpus.filtered(recorded.where)
            rows = rows.deduplicated() if self._metadata.recipe.deduplicate else rows
            return rows if rows.fingerprint == recorded.fingerprint else None
        return None
