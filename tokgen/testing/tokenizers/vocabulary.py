"""Clauses of the vocabulary: its symbols, what it keeps in a checkpoint, and what it declares."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from tokgen.errors import PluginError
from tokgen.testing.clause import Clause, ClauseViolatedError, clause, follows_from
from tokgen.testing.tokenizers.fitted import Fitted, encoded
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest
from tokgen.unicode import REPLACEMENT

# Controls, line and paragraph separators, halves of characters.
UNPRINTABLE = ("Cc", "Zl", "Zp", "Cs")


@clause
def symbols(plugin: TokenizerUnderTest) -> None:
    r"""Every id has a symbol of its own that can be printed; the terminator and the start, where
    there is one, are two different ids.

    Why: tables, trees and `--exclude` name tokens by their symbols: two that are equal cannot be
    told apart, and a line feed breaks the table.

    Mend: give each token once: `[*dict.fromkeys([*characters, *others])]`; give what cannot be
    printed a sign: `symbol.replace("\n", "␊")`; let
    `terminator_symbol(symbols)` of `tokgen.plugin_api` choose one for the terminator that no token
    has: a corpus may hold "-".
    """
    plugin.check_step("symbols")
    for fitted in plugin.clock.cases(plugin.fitted):
        for token, symbol in enumerate(fitted.tokenizer.symbols):
            if any(unicodedata.category(character) in UNPRINTABLE for character in symbol):
                said = f"the symbol {symbol!r} of the id {token} cannot be printed"
                raise ClauseViolatedError(said, fitted.shown(f"id {token}"))


@clause
def saved_and_read(plugin: TokenizerUnderTest) -> None:
    """What `from_json` makes of the state that `to_json` gave, written as JSON and read again, is
    the same tokenizer: its symbols, ids and pieces are equal.

    Why: a checkpoint holds the state; a model that is loaded would read other ids than those that
    it was trained on.

    Mend: put everything that `fit` has learnt into what `to_json` gives ({} where you do not write
    it), as lists, texts and numbers; remember that JSON turns tuples into lists and keys into
    texts.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        shown = fitted.shown("saved and read")
        try:
            written = json.dumps(fitted.tokenizer.to_json())
            shown = fitted.shown(f"state {written}")
            read = plugin.guarded.from_json(json.loads(written))
            difference = _difference(fitted, read)
        except (PluginError, ValueError) as error:
            raise ClauseViolatedError(str(error), shown) from None
        if difference:
            raise ClauseViolatedError(difference, shown)


@follows_from(saved_and_read)
@clause
def damaged_state(plugin: TokenizerUnderTest) -> None:
    """`from_json` refuses by a ValueError a state that lacks a key, or has null in a value's place.

    Why: tokgen reports a damaged file in one sentence; a damaged state that is read as if it were
    whole gives the ids of another tokenizer.

    Mend: `match state: case {"units": list(units)}: return cls(units)`, and below it
    `raise ValueError("the units are no list")`.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        state = fitted.tokenizer.to_json()
        for damaged in _damaged(state):
            shown = fitted.shown(f"state {json.dumps(damaged)} instead of {json.dumps(state)}")
            try:
                difference = _difference(fitted, plugin.guarded.from_json(damaged))
            except ValueError:
                continue
            except PluginError as error:
                raise ClauseViolatedError(str(error), shown) from None
            if difference:
                raise ClauseViolatedError(f"it is read all the same: {difference}", shown)


def _damaged(state: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in state:
        yield {other: value for other, value in state.items() if other != key}
    for key in state:
        yield state | {key: None}


def _difference(fitted: Fitted, read: Any) -> str | None:
    """What of a tokenizer is another thing after it was read, in words."""
    before = fitted.tokenizer
    if read.vocabulary != before.vocabulary:
        return f"the symbols {list(before.symbols)} are read as {list(read.symbols)}"
    if read.to_json() != before.to_json():
        return f"its state is {read.to_json()} after it was read"
    if read.pieces() != before.pieces():
        return f"the pieces {before.pieces()} are read as {read.pieces()}"
    if read.unique_spelling != before.unique_spelling:
        return f"unique_spelling is {read.unique_spelling} after it was read"
    for text in fitted.texts:
        ids, again = encoded(before, text), encoded(read, text)
        if ids != again:
            return f"{text!r} is {ids} before and {again} after it was read"
    return None


@clause
def unique_spelling(plugin: TokenizerUnderTest) -> None:
    """A tokenizer that declares `unique_spelling` gives back the ids: `encode(decode(ids))` is
    `ids`, whatever ids these are (without terminator and start).

    Why: tokgen would show figures of one spelling in tokens as if they were those of the text.

    Mend: leave `unique_spelling` at False where tokens overlap, end inside a character or compose.
    """
    for fitted in plugin.clock.cases(plugin.fitted):
        declared = fitted.tokenizer.unique_spelling
        if not isinstance(declared, bool):
            said = f"unique_spelling is {declared!r}, neither True nor False"
            raise ClauseViolatedError(said, fitted.shown("unique_spelling"))
        for ids in fitted.rows if declared else ():
            text = fitted.tokenizer.decode(ids)
            if REPLACEMENT in text:
                raise ClauseViolatedError(f"decode gives {text!r}", fitted.shown(f"ids {ids}"))
            again = encoded(fitted.tokenizer, text)
            if again != ids:
                said = f"decode gives {text!r}, and encode of that {again}"
                raise ClauseViolatedError(said, fitted.shown(f"ids {ids}"))


CLAUSES: tuple[Clause, ...] = (symbols, saved_and_read, damaged_state, unique_spelling)
