"""Clauses of `encode` and `encode_documents`: sound ids, the text back, and what is refused."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

import numpy as np

from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.documents import Documents
from tokgen.testing.clause import Clause, ClauseViolatedError, clause
from tokgen.testing.tokenizers.fitted import Fitted
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest

# Of several scripts, so that an alphabet hardly has them all.
STRANGERS = "☃ЖQξ7"
PLACES = (2, 13)


@clause
def ids_valid(plugin: TokenizerUnderTest) -> None:
    """`encode` gives a list of ids, each an int of the vocabulary, none the terminator or start.

    Why: an id out of range has no row in a model, and a terminator within a document ends it.

    Mend: give `[int(token) for token in …]`; leave terminator and start out, they are added later.
    """
    plugin.check_step("encode")


@clause
def round_trip(plugin: TokenizerUnderTest) -> None:
    """`decode(encode(text))` is the text, for every text in NFC that `encode` accepts.

    Why: what a user types or a corpus holds would turn into another text, in silence.

    Mend: drop, lower or replace nothing in `encode`: what cannot be encoded is a RequestError.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        for text in sorted(
            {*fitted.texts, *fitted.drawn_texts}, key=lambda text: (len(text), text)
        ):
            try:
                ids = fitted.tokenizer.encode(text)
            except RequestError:
                continue
            back = fitted.tokenizer.decode(ids)
            if back != text:
                raise ClauseViolatedError(
                    f"decode({ids}) is {back!r}", fitted.shown(f"text {text!r}")
                )


@clause
def characters_known(plugin: TokenizerUnderTest) -> None:
    """`encode` accepts every text of the `characters` that `fit` was given.

    Why: they are those of the whole corpus: without them documents of the validation and the test
    split cannot be encoded, and training ends with an error.

    Mend: let `fit` begin with `characters`, not with the characters of `documents`.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        for text in fitted.texts:
            try:
                fitted.tokenizer.encode(text)
            except RequestError as error:
                characters = fitted.documents.characters
                shown = fitted.shown(f"characters {characters!r}, text {text!r}")
                raise ClauseViolatedError(f"it is refused: {error}", shown) from None


@clause
def drawn_text_encodes(plugin: TokenizerUnderTest) -> None:
    """`encode` accepts what `decode` makes of any ids, where that is well-formed.

    Why: what a model generates could not be scored, continued or searched for.

    Mend: where a letter and an accent become one character in NFC that is not in the vocabulary,
    encode its parts, as `known_spelling(text, known, which)` of `tokgen.plugin_api` finds them. The
    NFD alone is not enough: ǭ may have to be spelt by ǫ and a mark.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        for text in fitted.drawn_texts:
            try:
                fitted.tokenizer.encode(text)
            except RequestError as error:
                shown = fitted.shown(f"text {text!r}")
                raise ClauseViolatedError(f"it is refused: {error}", shown) from None


@clause
def unknown_character(plugin: TokenizerUnderTest) -> None:
    """A character that is not in the vocabulary is refused by a RequestError that names the
    character and its position in the text as it was given, counted from 1.

    Why: a user must be told what to change in the text; a character that is dropped or replaced
    in silence gives figures of another text.

    Mend: raise RequestError(f"Character {character!r} at position {position} is unknown."), and
    count before a character is split into parts; or let `known_spelling` of `tokgen.plugin_api`
    refuse it.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        for text, stranger in _with_strangers(fitted):
            said = _refusal(fitted, text)
            position = text.index(stranger) + 1
            if said is None:
                continue
            missing = f"the character {stranger!r}" if stranger not in said else ""
            if not _number_in(said, position):
                missing = missing or f"the position {position}"
            if missing:
                raise ClauseViolatedError(
                    f"the refusal does not name {missing}: {said}", fitted.shown(f"text {text!r}")
                )


def _with_strangers(fitted: Fitted) -> list[tuple[str, str]]:
    """Texts of a known character with a strange one at several places, and that one."""
    characters = fitted.documents.characters
    strangers = [each for each in STRANGERS if each not in characters]
    return [
        (known * (place - 1) + each, each)
        for known in (_known(fitted), *_of_several_parts(fitted))
        for place in PLACES
        for each in strangers
    ]


def _known(fitted: Fitted) -> str:
    """A character of the training documents; an empty text where they have none."""
    return next((text[0] for text in fitted.documents.train if text), "")


def _of_several_parts(fitted: Fitted) -> list[str]:
    """A character that NFD splits and that `encode` accepts, where there is one."""
    accepted = (text for text in (*fitted.texts, *fitted.drawn_texts) if _accepts(fitted, text))
    split = (each for text in accepted for each in text if _parts(each) > 1)
    return [*islice(split, 1)]


def _parts(character: str) -> int:
    return len(unicodedata.normalize("NFD", character))


def _refusal(fitted: Fitted, text: str) -> str | None:
    """What `encode` says when it refuses a text; None where it knows it after all.

    Raises:
        ClauseViolatedError: it failed, or it took the text for another one.
    """
    try:
        ids = fitted.tokenizer.encode(text)
    except RequestError as error:
        return str(error)
    except PluginError as error:
        raise ClauseViolatedError(str(error), fitted.shown(f"text {text!r}")) from None
    if fitted.tokenizer.decode(ids) != text:
        said = f"it is not refused, and decode({ids}) is {fitted.tokenizer.decode(ids)!r}"
        raise ClauseViolatedError(said, fitted.shown(f"text {text!r}"))
    return None


@clause
def documents_encoded(plugin: TokenizerUnderTest) -> None:
    """`encode_documents` gives for every document the ids that `encode` gives.

    Why: a model would be trained on other ids than those that a user's text is given.

    Mend: read document d from `text[starts[d]:ends[d]]`: documents may be a selection, in any
    order, of a longer text. Or do not override it.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        accepted = [text for text in fitted.texts if _accepts(fitted, text)]
        whole = Documents.of(accepted)
        backwards = np.arange(len(whole))[::-1]
        for documents in (whole[:1], whole, whole[1::2], whole.select(backwards), whole[:0]):
            shown = fitted.shown(f"documents {list(documents)}")
            try:
                encoded = fitted.tokenizer.encode_documents(documents)
            except (PluginError, RequestError) as error:
                raise ClauseViolatedError(str(error), shown) from None
            for number, text in enumerate(documents):
                alone = fitted.tokenizer.encode(text)
                if encoded[number] != alone:
                    said = f"document {number} ({text!r}) is {encoded[number]}, not {alone}"
                    raise ClauseViolatedError(said, shown)


def _accepts(fitted: Fitted, text: str) -> bool:
    try:
        fitted.tokenizer.encode(text)
    except RequestError:
        return False
    return True


@clause
def unknown_document(plugin: TokenizerUnderTest) -> None:
    """`encode_documents` refuses a document that `encode` refuses, by a RequestError that names the
    document's number, counted from 1.

    Why: a user with a corpus of a million documents has to find the one that is wrong.

    Mend: do not override it; or raise RequestError(f"Document {number}: {error}") of what `encode`
    raises.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        for stranger in STRANGERS:
            known = _known(fitted)
            if not _does_not_refuse(fitted, stranger):
                for place in PLACES:
                    _check_document_named(fitted, [*[known] * (place - 1), stranger], place)


def _does_not_refuse(fitted: Fitted, text: str) -> bool:
    """Whether `encode` knows it or fails; `unknown_character` is about that."""
    try:
        return _accepts(fitted, text)
    except PluginError:
        return True


def _check_document_named(fitted: Fitted, texts: list[str], place: int) -> None:
    shown = fitted.shown(f"documents {texts}")
    try:
        fitted.tokenizer.encode_documents(Documents.of(texts))
    except PluginError as error:
        raise ClauseViolatedError(str(error), shown) from None
    except RequestError as error:
        if not _number_in(str(error), place):
            said = f"the refusal does not name document {place}: {error}"
            raise ClauseViolatedError(said, shown) from None
        return
    raise ClauseViolatedError(f"document {place} is not refused", shown)


def _number_in(said: str, number: int) -> bool:
    return re.search(rf"(?<!\d){number}(?!\d)", said) is not None


CLAUSES: tuple[Clause, ...] = (
    ids_valid,
    round_trip,
    characters_known,
    drawn_text_encodes,
    unknown_character,
    documents_encoded,
    unknown_document,
)
