"""Drawing again where a condition cannot be computed: for models that are no finite chain."""

from __future__ import annotations

from collections.abc import Iterator

from tokgen.answers import Generated

TRIES_A_DOCUMENT = 1000


def accepted(
    candidates: Iterator[Generated], count: int, known: frozenset[str], unique: bool
) -> Iterator[Generated]:
    """Candidates without those that are known or, if `unique`, came before.

    Ends before `count` when 1,000 in a row were refused for each of at most 100 still wanted.
    """
    refused, since_last = set(known), 0
    for candidate in candidates:
        if count <= 0 or since_last >= TRIES_A_DOCUMENT * min(count, 100):
            return
        since_last += 1
        if candidate.text not in refused:
            yield candidate
            count, since_last = count - 1, 0
            if unique:
                refused.add(candidate.text)
