r"""Patterns as they are written: what each part matches, and whether a text matches as a whole.

`?` is one character, `*` any number of them, `[aeiou]` one of these, `[a-f]` one from a to f,
`[^qx]` one that is none of these; `\?` is the question mark itself, and so with every character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokgen.errors import RequestError
from tokgen.exact.condition_automata import ANY_CHARACTER, CharacterSet, Element

PATTERNS_ARE_WRITTEN = (
    "In a pattern ? is any one character, * any number of them, [ae] is a or e, and [^ae] neither."
)
LARGEST_CLASS = 1 << 16
# Of all classes of a pattern; where equal ones have many, they count once.
MOST_LISTED = 1 << 18
MANY_LISTED = 64


def parse_pattern(pattern: str) -> list[Element]:
    """The parts of a pattern, one after the other.

    Raises:
        RequestError: naming the place: a class is not closed or empty, a range goes backwards, or
            nothing follows a backslash.
    """
    return list(_parts(_Written(pattern)))


def matches(parts: Sequence[Element], text: str) -> bool:
    """Whether the whole text matches the parts of a pattern."""
    groups: list[str] = [""]
    for part in parts:
        if part is None:
            groups.append("")
        else:
            groups[-1] += _as_regular_expression(part)
    first, *others = groups
    if not others:
        return re.fullmatch(first, text, re.DOTALL) is not None
    # Each group may be looked for at its first place alone: no other place leaves more after it.
    between = "".join(f"(?>.*?{group})" for group in others[:-1])
    return re.fullmatch(f"{first}{between}.*{others[-1]}", text, re.DOTALL) is not None


def _as_regular_expression(part: CharacterSet) -> str:
    if part == ANY_CHARACTER:
        return "."
    listed = "".join(map(re.escape, sorted(part.listed)))
    return f"[{'^' if part.all_but else ''}{listed}]"


class _Written:
    """A pattern that is read from its left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.classes: dict[str, CharacterSet] = {}
        self.listed = 0

    def __bool__(self) -> bool:
        return self.place < len(self.text)

    def next(self) -> str:
        self.place += 1
        return self.text[self.place - 1]

    def takes(self, character: str) -> bool:
        """Whether this character, or these, come next; they are read then."""
        found = self.text.startswith(character, self.place)
        self.place += found * len(character)
        return found

    def escaped(self) -> str:
        """The character behind a backslash."""
        if not self:
            raise self.refusal(self.place, r"nothing follows the backslash; \\ is one itself")
        return self.next()

    def refusal(self, place: int, problem: str) -> RequestError:
        """The sentence for what is wrong with the character at `place`, counted from 1."""
        return RequestError(f"The pattern {self.text!r}, character {place}: {problem}.")


def _parts(written: _Written) -> Iterator[Element]:
    while written:
        match written.next():
            case "?":
                yield ANY_CHARACTER
            case "*":
                yield None
            case "[":
                yield _class(written)
            case "\\":
                yield CharacterSet(frozenset({written.escaped()}))
            case character:
                yield CharacterSet(frozenset({character}))


def _class(written: _Written) -> CharacterSet:
    """What stands behind an opening bracket, up to the closing one; equal classes are one."""
    opened = written.place
    for typed, known in written.classes.items():
        if written.takes(typed):
            return known
    found = _listed(written, opened)
    written.listed += len(found.listed)
    if written.listed > MOST_LISTED:
        raise written.refusal(
            opened, f"up to here the classes have over {MOST_LISTED:,} characters together"
        )
    if len(found.listed) >= MANY_LISTED:
        written.classes[written.text[opened : written.place]] = found
    return found


def _listed(written: _Written, opened: int) -> CharacterSet:
    all_but = written.takes("^")
    listed: set[str] = set()
    while not written.takes("]"):
        if not written:
            raise written.refusal(opened, r"the class [ is not closed; \[ is the bracket itself")
        listed |= _characters(written)
        if len(listed) > LARGEST_CLASS:
            raise written.refusal(opened, f"the class has over {LARGEST_CLASS:,} characters")
    if not listed:
        raise written.refusal(opened, r"the class is empty; \[ and \] are the brackets themselves")
    return CharacterSet(frozenset(listed), all_but)


def _characters(written: _Written) -> set[str]:
    """One character of a class, or a range of them; a hyphen at an end stands for itself."""
    first = _member(written)
    at_end = written.text.startswith("-]", written.place)
    if at_end or not written.takes("-") or not written:
        return {first}
    last = _member(written)
    if ord(last) < ord(first):
        raise written.refusal(written.place, f"the range {first}-{last} goes backwards")
    if ord(last) - ord(first) > LARGEST_CLASS:
        raise written.refusal(
            written.place, f"the range {first}-{last} has over {LARGEST_CLASS:,} characters"
        )
    return set(map(chr, range(ord(first), ord(last) + 1)))


def _member(written: _Written) -> str:
    character = written.next()
    return written.escaped() if character == "\\" else character
