"""Clauses of `fit`: it copes with small corpora and gives the same tokenizer each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.documents import Documents
from tokgen.testing.clause import (
    Clause,
    ClauseNotCheckedError,
    ClauseViolatedError,
    clause,
    follows_from,
)
from tokgen.testing.tokenizers.document_lists import DOCUMENT_LISTS, DocumentList
from tokgen.testing.tokenizers.fitted import encoded
from tokgen.testing.tokenizers.hash_seeds import encodings_of, encodings_with_hash_seeds
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest


@clause
def documents_unharmed(plugin: TokenizerUnderTest) -> None:
    """`fit` and `encode_documents` leave the documents that they are given as they are.

    Why: the same arrays are used afterwards, so that the model would learn from other documents
    than those of the corpus.

    Mend: copy before you write: `text = documents.text.copy()`.
    """
    unharmed = [_unharmed(plugin, documents) for documents in DOCUMENT_LISTS]
    if not any(unharmed):
        plugin.fitted  # noqa: B018  (raises where there is none)


def _unharmed(plugin: TokenizerUnderTest, documents: DocumentList) -> bool:
    """Whether it could be looked at; where it is refused or fails, other clauses are about that.

    Raises:
        ClauseViolatedError: the arrays have changed.
    """
    given = Documents.of([*documents.train])
    # These arrays can be written into, which the guard keeps a plugin from doing.
    arrays = {name: getattr(given, name).copy() for name in ("text", "starts", "ends")}
    writable = Documents(**arrays)
    done = True
    try:
        with plugin.calling("fit"):
            made = plugin.implementation.fit(plugin.options, writable, documents.characters)
        with plugin.calling("encode_documents"):
            made.encode_documents(writable)
    except (RequestError, PluginError):
        done = False
    for name, array in arrays.items():
        if not np.array_equal(array, getattr(given, name)):
            shown = f"fitted on {list(documents.train)}"
            raise ClauseViolatedError(f"documents.{name} has changed", shown)
    return done


@follows_from(documents_unharmed)
@clause
def fits(plugin: TokenizerUnderTest) -> None:
    """`fit` makes a tokenizer of a small corpus in any script, or refuses it by a RequestError.

    Why: corpora may be small, hold an empty document or a single character, and be in any script;
    a user then sees a failure in which nothing says what to do.

    Mend: guard against empty counts, documents shorter than what `fit` looks for, and a corpus
    without characters; raise RequestError where the tokenizer is not for the corpus.
    """
    plugin.check_step("fit")


@clause
def fit_deterministic(plugin: TokenizerUnderTest) -> None:
    """`fit` gives the same tokenizer each time that it is given the same documents.

    Why: a recipe could not be trained again to the same checkpoint.

    Mend: draw nothing from `random` or `np.random`; keep nothing on the class or in the module
    between two calls; break ties by the text itself.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        with _other_random_state():
            again = plugin.guarded_fit(plugin.options, fitted.documents)
        if again.vocabulary != fitted.tokenizer.vocabulary:
            said = f"the symbols are {list(fitted.tokenizer.symbols)}, then {list(again.symbols)}"
            raise ClauseViolatedError(said, fitted.shown("twice"))
        for text in fitted.texts:
            ids, then = encoded(fitted.tokenizer, text), encoded(again, text)
            if ids != then:
                said = f"the ids are {ids}, then {then}"
                raise ClauseViolatedError(said, fitted.shown(f"twice, text {text!r}"))


@contextmanager
def _other_random_state() -> Iterator[None]:
    before, numpy_before = random.getstate(), np.random.get_state()  # noqa: NPY002
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(numpy_before)  # noqa: NPY002


@follows_from(fit_deterministic)
@clause
def hash_seed(plugin: TokenizerUnderTest) -> None:
    """`fit` and `encode` give the same ids in every process, whatever PYTHONHASHSEED is.

    Why: Python orders sets of texts differently in each process, so that a training could not be
    repeated, and the ids of a checkpoint would mean other texts.

    Mend: sort what comes from a set or from `hash`: `sorted(set(characters))`; break ties of
    counts by the text: `sorted(counts, key=lambda pair: (-counts[pair], pair))`.
    """
    plugin.fitted  # noqa: B018  (raises where there is none)
    try:
        first, second = encodings_with_hash_seeds(plugin, (1, 2))
        if first == second == encodings_of(plugin):
            return
    except PluginError as error:
        raise ClauseNotCheckedError(str(error)) from None
    for one, other in zip(first, second, strict=True):
        if one != other:
            raise ClauseViolatedError(
                f"with PYTHONHASHSEED=1 the ids are {one[1]}, with 2 they are {other[1]}", one[0]
            )
    raise ClauseViolatedError("a fresh process gives other ids than this one")


CLAUSES: tuple[Clause, ...] = (documents_unharmed, fits, fit_deterministic, hash_seed)
