"""Clauses of `decode`, `pieces` and `detokenizer`: three ways to the same text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokgen.errors import PluginError, RequestError
from tokgen.testing.clause import Clause, ClauseViolatedError, clause, follows_from
from tokgen.testing.tokenizers.fitted import Fitted
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest
from tokgen.unicode import nfc


@clause
def decode_ends(plugin: TokenizerUnderTest) -> None:
    """`decode` gives text in NFC, ends at the terminator, and gives no text for the start.

    Why: rows of ids are padded with terminators and may begin with the start, and two texts that
    look equal must be equal.

    Mend: stop at the first `terminator_id`, skip `start_id`, and give `nfc("".join(…))`; or do not
    override `decode`.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        tokenizer = fitted.tokenizer
        for ids in fitted.rows:
            text = tokenizer.decode(ids)
            if nfc(text) != text:
                said = f"decode gives {text!r}, and NFC of it is {nfc(text)!r}"
                raise ClauseViolatedError(said, fitted.shown(f"ids {ids}"))
            beginning = [] if tokenizer.start_id is None else [tokenizer.start_id]
            for padded in ([*ids, tokenizer.terminator_id, *ids], [*beginning, *ids]):
                given = tokenizer.decode(padded)
                if given != text:
                    said = f"decode gives {given!r}, not {text!r}"
                    raise ClauseViolatedError(said, fitted.shown(f"ids {padded}"))


@clause
def pieces(plugin: TokenizerUnderTest) -> None:
    """`pieces` gives None, or a list with the bytes of each id, empty for terminator and start.

    Why: conditions such as `--pattern` and prefixes are computed from the pieces alone.

    Mend: give one `bytes` for each of `symbols`: `symbol.encode()`, and `b""` for the terminator.
    """
    plugin.check_step("pieces")


@clause
def pieces_decode(plugin: TokenizerUnderTest) -> None:
    """The pieces of any ids in a row are the UTF-8 of what `decode` makes of them, up to NFC; those
    of `encode(text)` are the UTF-8 of the text.

    Why: exact conditions and prefixes would be met by the pieces and not by the text that is shown.

    Mend: give None where decoding is more than putting pieces together (a space between words, a
    mark for a capital), or do not override `decode`.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        listed = fitted.tokenizer.pieces()
        if listed is None:
            continue
        for ids in [*_encoded_texts(fitted), *fitted.rows]:
            spelt, text = _spelt(listed, ids), fitted.tokenizer.decode(ids)
            if nfc(spelt) != nfc(text):
                said = f"the pieces spell {spelt!r}, decode gives {text!r}"
                raise ClauseViolatedError(said, fitted.shown(f"ids {ids}"))


@clause
def pieces_nfc(plugin: TokenizerUnderTest) -> None:
    """Where there are pieces, no characters of different pieces compose or change places in NFC.

    Why: after e and a combining accent the text holds é: a condition that asks for e is met by the
    pieces and not by the text.

    Mend: give None from `pieces` and write `decode` where `all_texts_are_nfc(characters)` is False
    (`tokgen.plugin_api` has it), or let `fit` refuse such characters by a RequestError.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        listed = fitted.tokenizer.pieces()
        if listed is None:
            continue
        alone = [*_encoded_texts(fitted, longest=1)]
        pairs = [first + second for first in alone for second in alone]
        for ids in [*pairs, *fitted.rows]:
            spelt = _spelt(listed, ids)
            if nfc(spelt) != spelt:
                said = f"the pieces spell {spelt!a}, and NFC of it is {nfc(spelt)!a}"
                raise ClauseViolatedError(said, fitted.shown(f"ids {ids}"))


@follows_from(pieces_decode, pieces_nfc)
@clause
def detokenizer_decode(plugin: TokenizerUnderTest) -> None:
    """What `detokenizer` gives for ids that come one by one is, put together, `decode` of them.

    Why: a document would read differently while it is generated than when it is complete.

    Mend: give a part of the text only when no later id can change it, the rest from `finish`; or do
    not override `detokenizer`.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        for ids in [*_encoded_texts(fitted), *fitted.rows]:
            stream = fitted.tokenizer.detokenizer()
            parts = [stream.add(token) for token in ids]
            parts.append(stream.finish())
            text = fitted.tokenizer.decode(ids)
            if "".join(parts) != text:
                said = f"it gives {parts}, and decode gives {text!r}"
                raise ClauseViolatedError(said, fitted.shown(f"ids {ids}"))


def _encoded_texts(fitted: Fitted, longest: int | None = None) -> Iterator[list[int]]:
    """The ids of the texts that are encoded; what else goes wrong other clauses are about."""
    for text in fitted.texts:
        if longest is None or len(text) <= longest:
            try:
                yield fitted.tokenizer.encode(text)
            except (RequestError, PluginError):
                continue


def _spelt(listed: Sequence[bytes], ids: Sequence[int]) -> str:
    return b"".join(listed[token] for token in ids).decode("utf-8", errors="replace")


CLAUSES: tuple[Clause, ...] = (decode_ends, pieces, pieces_decode, pieces_nfc, detokenizer_decode)
