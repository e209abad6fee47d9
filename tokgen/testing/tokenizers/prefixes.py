"""Clauses of `encode_prefix`: a text that is going to be continued."""

from __future__ import annotations

from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.encoded import EncodedPrefix
from tokgen.testing.clause import Clause, ClauseViolatedError, clause, follows_from
from tokgen.testing.tokenizers.decoding import pieces_decode
from tokgen.testing.tokenizers.encoding import round_trip
from tokgen.testing.tokenizers.fitted import Fitted
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest
from tokgen.unicode import nfc

CONTINUATIONS = 40


@follows_from(round_trip, pieces_decode)
@clause
def prefix_text(plugin: TokenizerUnderTest) -> None:
    """`encode_prefix` loses nothing: its ids and the rest together spell the text; without pieces
    the rest is empty and the ids are those of `encode`.

    Why: generation would go on from another prefix than the user's.

    Mend: let the rest be the UTF-8 of what the ids leave out:
    `EncodedPrefix(ids, nfc(text).encode()[spelt:])`; where `pieces` gives None, end with
    `return super().encode_prefix(text)`, which leaves nothing open.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        for text in fitted.texts:
            try:
                fitted.tokenizer.encode_prefix(text)
            except RequestError as error:
                _check_that_encode_refuses(fitted, text, error)
            except PluginError as error:
                raise ClauseViolatedError(str(error), fitted.shown(f"text {text!r}")) from None


def _check_that_encode_refuses(fitted: Fitted, text: str, refusal: RequestError) -> None:
    try:
        fitted.tokenizer.encode(text)
    except RequestError:
        return
    said = f"it is refused, though encode accepts it: {refusal}"
    raise ClauseViolatedError(said, fitted.shown(f"text {text!r}"))


@clause
def prefix_certain(plugin: TokenizerUnderTest) -> None:
    """The ids of `encode_prefix(text)` are the first ids of `encode(text + more)`, whatever
    follows. Without pieces nothing of this is promised.

    Why: the continued text would be spelt in tokens as no text of the corpus is, and its
    probability would be that of a rare spelling.

    Mend: leave in the rest what a longer token could begin with; without `encode_prefix` nothing is
    certain, which is always right.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        if fitted.tokenizer.pieces() is None:
            continue
        continuations = fitted.random_texts(CONTINUATIONS, seed=2)
        for text in fitted.texts:
            prefix = _prefix(fitted, text)
            if prefix is not None and prefix.ids:
                for more in continuations:
                    _check_continuation(fitted, text, more, [*prefix.ids])


def _prefix(fitted: Fitted, text: str) -> EncodedPrefix | None:
    """None where there is none; `prefix_text` is about that."""
    try:
        return fitted.tokenizer.encode_prefix(text)
    except (RequestError, PluginError):
        return None


def _check_continuation(fitted: Fitted, text: str, more: str, promised: list[int]) -> None:
    if not nfc(text + more).startswith(text):
        return
    try:
        ids = fitted.tokenizer.encode(nfc(text + more))
    except RequestError:
        return
    if ids[: len(promised)] != promised:
        said = f"it promises {promised}, and {text + more!r} is encoded as {ids}"
        raise ClauseViolatedError(said, fitted.shown(f"text {text!r}, more {more!r}"))


CLAUSES: tuple[Clause, ...] = (prefix_text, prefix_certain)
