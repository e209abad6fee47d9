"""The prefixes on which a model is tried: how long they are, and what they hold."""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import most_tokens
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.testing.models.documents import LETTERS, values_in_turn

LONGEST_CONTEXT_TRIED = 256
OF_EACH_LENGTH = 3


def tried_lengths(model: LanguageModel, longest_document: int) -> list[int]:
    """How many tokens: none, less than the context, as much, and more."""
    context = model.context_length
    if context is None:
        return list(range(longest_document + 1))
    if context > LONGEST_CONTEXT_TRIED:
        return [0, 1, 2, 5, LONGEST_CONTEXT_TRIED]
    around = {0, 1, 2, context // 2, context - 1, context, context + 1, context + 3}
    most = most_tokens(model)
    return sorted(each for each in around if each >= 0 and (most is None or each <= most))


def prefixes_of_lengths(lengths: list[int], vocabulary: Vocabulary) -> Prefixes:
    """Prefixes (B,) of letters in the order of these lengths, three of each."""
    generator = np.random.default_rng(7)
    rows = [
        generator.integers(LETTERS, size=length).tolist()
        for length in lengths
        for _ in range(OF_EACH_LENGTH)
    ]
    return prefixes_with_values([[*vocabulary.beginning, *row] for row in rows], vocabulary)


def prefixes_with_values(rows: list[list[int]], vocabulary: Vocabulary) -> Prefixes:
    """Prefixes with these ids, and with other values of the columns in each."""
    prefixes = Prefixes.of(rows, vocabulary.nothing_given)
    given = values_in_turn(vocabulary, len(prefixes))
    return Prefixes(prefixes.ids, prefixes.lengths, given)


def one_by_one(prefixes: Prefixes) -> list[Prefixes]:
    """The same prefixes, each in a batch of its own."""
    return [prefixes.select(np.array([row])) for row in range(len(prefixes))]
