"""The small document lists of several scripts on which a tokenizer is fitted, smallest first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentList:
    """A tiny corpus in NFC: what a tokenizer is fitted on, and documents of other splits."""

    train: tuple[str, ...]
    held_out: tuple[str, ...] = ()

    @property
    def characters(self) -> str:
        """All different characters of both, in the order of code points."""
        return "".join(sorted(set("".join(self.train + self.held_out))))


DOCUMENT_LISTS = (
    DocumentList(("a", "ab", "ba", "abba", "banana"), ("nab", "cab")),
    DocumentList(("", "a", "aa"), ("b", "")),
    DocumentList(("été", "Café", "cœur"), ("élan", "où")),
    DocumentList(("राम", "सीता", "हिन्दी"), ("गीता",)),
    DocumentList(("👍🏽", "👩\u200d👩\u200d👧"), ("👨\u200d👧",)),
    DocumentList(("東京", "京都"), ("大阪",)),
    DocumentList(("a cat", "the cat sat", "a hat"), ("on a mat",)),
    # x́ is in NFC, and so is e; but e and the accent together become é.
    DocumentList(("e", "x\u0301", "ex"), ("o",)),
    # Together ǫ and the mark become ǭ, whose parts in NFD are other characters than these.
    DocumentList(("ǫa", "x\u0304c"), ("ǫ",)),
    # The symbols that a terminator mostly has.
    DocumentList(("anna-lena", "a␃b"), ("-",)),
    # A single document that is empty.
    DocumentList(("",)),
)
