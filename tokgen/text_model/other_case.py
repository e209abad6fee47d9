"""What was typed in another case than the corpus has it: `lake`, where rows begin with `Lake`.

Where all letters are known nothing is refused: the model goes on from what no row begins with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tokgen.corpus.once import called
from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.exact.patterns import matches, parse_pattern
from tokgen.text_model.opened_model import OpenedModel
from tokgen.unicode import nfc

# To open a larger corpus for a hint would take longer than what was asked for.
MOST_ROWS = 100_000
# Below this share of those that have it in another case, rows that have it as typed are odd ones.
FEW = 1 / 50

VERBS = {
    "prefix": ("begins with", "begin with"),
    "suffix": ("ends with", "end with"),
    "contains": ("holds", "hold"),
    "pattern": ("matches", "match"),
}


@dataclass(frozen=True)
class OtherCase:
    """How many rows of a corpus have a text as it was typed, and how many in another case.

    Attributes:
        what: "prefix", "suffix", "contains" or "pattern".
        written: how most of the others have it; of a pattern, one of the rows that match.
    """

    corpus: str
    what: str
    typed: str
    as_typed: int
    others: int
    written: str

    @property
    def sentence(self) -> str:
        """What the corpus has, and has not."""
        have = VERBS[self.what]
        if self.as_typed == 0:
            first = f'No row of {self.corpus} {have[0]} "{self.typed}"'
        elif self.as_typed == 1:
            first = f'Only 1 row of {self.corpus} {have[0]} "{self.typed}"'
        else:
            first = f'Only {self.as_typed:,} rows of {self.corpus} {have[1]} "{self.typed}"'
        verb = have[self.others > 1]
        if self.what == "pattern":
            return f'{first}; {self.others:,} {verb} it in another case, such as "{self.written}".'
        return f'{first}; {self.others:,} {verb} "{self.written}".'


def other_cases(text_model: OpenedModel, texts: Mapping[str, str | None]) -> Iterator[OtherCase]:
    """Of these texts (by "prefix", "suffix", …) those that the corpus has in another case.

    Nothing where its letters have one case alone, and where it is large or not here any more.
    """
    asked = {what: nfc(text) for what, text in texts.items() if text and _has_case(text)}
    symbols = text_model.tokenizer.symbols
    has_capitals = any(symbol != symbol.lower() for symbol in symbols)
    if not (asked and has_capitals) or text_model.metadata.corpus.documents > MOST_ROWS:
        return
    try:
        rows = text_model.trained_on.documents
    except RequestError:
        return
    for what, text in asked.items():
        found = _pattern(rows, text) if what == "pattern" else _literal(rows, what, text)
        as_typed, others, written = found
        if others and as_typed <= others * FEW:
            corpus = called(text_model.metadata.corpus.name)
            yield OtherCase(corpus, what, text, as_typed, others, written)


def texts_of(conditions: Conditions) -> dict[str, str | None]:
    """The texts that conditions ask for, as `other_cases` takes them."""
    return {
        "suffix": conditions.suffix,
        "contains": conditions.contains,
        "pattern": conditions.pattern,
    }


def _has_case(text: str) -> bool:
    return text.lower() != text.upper()


def _literal(rows: Iterable[str], what: str, text: str) -> tuple[int, int, str]:
    """How many rows have the text as typed, in the commonest other case, and that case."""
    before, behind = {"prefix": (r"\A", ""), "suffix": ("", r"\Z")}.get(what, ("", ""))
    anywhere = re.compile(before + re.escape(text) + behind, re.IGNORECASE)
    forms = Counter(form for row in rows for form in set(anywhere.findall(row)))
    as_typed = forms.pop(text, 0)
    written, others = max(forms.items(), key=lambda each: each[1], default=("", 0))
    return as_typed, others, written


def _pattern(rows: Iterable[str], text: str) -> tuple[int, int, str]:
    try:
        as_typed, in_any_case = parse_pattern(text), parse_pattern(text.lower())
    except RequestError:  # In lower case a range may end before it begins.
        return 0, 0, ""
    matching = [row for row in rows if matches(in_any_case, row.lower())]
    others = [row for row in matching if not matches(as_typed, row)]
    return len(matching) - len(others), len(others), others[0] if others else ""
