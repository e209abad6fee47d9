"""Edit distance by the textbook's table, row by row: the oracle for all that is faster."""

from __future__ import annotations


def levenshtein(first, second):
    row = [*range(len(second) + 1)]
    for place, letter in enumerate(first, start=1):
        above, row = row, [place]
        for column, other in enumerate(second, start=1):
            replaced = above[column - 1] + (letter != other)
            row.append(min(replaced, above[column] + 1, row[-1] + 1))
    return row[-1]


def one_edit(text, alphabet):
    """The text, and all that one edit makes of it."""
    parts = [(text[:place], text[place:]) for place in range(len(text) + 1)]
    without = {left + right[1:] for left, right in parts}
    other = {left + letter + right[1:] for left, right in parts for letter in alphabet}
    more = {left + letter + right for left, right in parts for letter in alphabet}
    return without | other | more


def is_far(text, rows, distance):
    """Whether no row is within so many edits."""
    return all(levenshtein(text, row) > distance for row in rows)
