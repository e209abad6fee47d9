"""The automaton that allows what fulfils all conditions at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from tokgen.errors import RequestError
from tokgen.exact.condition_automata import everything, literal, none_of, of_length, without_any
from tokgen.exact.conditions import Conditions
from tokgen.exact.memory import DEFAULT_MEMORY
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.patterns import PATTERNS_ARE_WRITTEN
from tokgen.exact.text_automaton import TextAutomaton, all_of
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.plugin_api.tokenizer import Tokenizer


def automaton_of(
    conditions: Conditions,
    tokenizer: Tokenizer,
    known: Callable[[], Iterable[str]],
    prefix: Sequence[int] = (),
    far: TextAutomaton | None = None,
    memory: int = DEFAULT_MEMORY,
) -> TokenAutomaton:
    """The automaton over what follows the ids `prefix` in documents that fulfil the conditions.

    `known` gives the documents of the corpus, in NFC, where they are needed. `far` allows what
    `novel_distance` asks for; without it that condition is left out. `memory`: bytes that automata
    may take.

    Raises:
        RequestError: a condition holds a character that no token spells, or the tokenizer has no
            pieces.
    """
    pieces = tokenizer.pieces()
    if pieces is None:
        raise RequestError(
            "Conditions cannot be kept with this tokenizer: the text of a document is not just "
            "the texts of its tokens one after the other."
        )
    allowed = TokenAutomaton.of(
        text_automaton_of(conditions, known, far, memory), pieces, tokenizer.terminator_id
    )
    for text, how_it_is_written in _literals(conditions):
        if set(text) & set(allowed.unspelt):
            # The tokenizer's error names the character, and the nearest one that it knows.
            with _adding(how_it_is_written):
                tokenizer.encode(text)
    return allowed.after(b"".join(pieces[token] for token in prefix))


def text_automaton_of(
    conditions: Conditions,
    known: Callable[[], Iterable[str]],
    far: TextAutomaton | None = None,
    memory: int = DEFAULT_MEMORY,
) -> TextAutomaton:
    """The automaton over texts; `known`, `far` and `memory` as for `automaton_of`."""
    parts = [] if far is None else [far]
    if conditions.pattern is not None:
        parts.append(of_pattern(conditions.pattern_parts, memory))
    if conditions.suffix is not None:
        parts.append(of_pattern([None, *literal(conditions.suffix)], memory))
    if conditions.contains is not None:
        parts.append(of_pattern([None, *literal(conditions.contains), None], memory))
    if conditions.exclude is not None:
        parts.append(without_any(conditions.exclude))
    if conditions.lengths is not None:
        parts.append(of_length(*conditions.lengths))
    if conditions.novel:
        parts.append(none_of(known(), memory))
    return all_of(parts or [everything()], memory)


def _literals(conditions: Conditions) -> Iterator[tuple[str, str]]:
    """The texts that a document must hold letter by letter, each with how its like is written."""
    for part in conditions.pattern_parts:
        if part is not None and len(part.listed) == 1 and not part.all_but:
            (character,) = part.listed
            yield character, "" if character.isalnum() else PATTERNS_ARE_WRITTEN
    yield conditions.suffix or "", ""
    yield conditions.contains or "", ""


@contextmanager
def _adding(sentence: str) -> Iterator[None]:
    """Errors of the tokenizer, with one sentence more."""
    try:
        yield
    except RequestError as error:
        raise RequestError(f"{error} {sentence}".rstrip(), field=error.field) from None
