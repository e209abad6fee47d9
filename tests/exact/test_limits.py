"""The page of what is computed names each limit as the code has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokgen import yaml_table
from tokgen.cli import consoles
from tokgen.corpus import text_file
from tokgen.exact import condition_automata, conditions, longest, patterns
from tokgen.exact.markov import length_law, likeliest
from tokgen.exact.nearness import far_automaton
from tokgen.exact.search import beam_pass, bounds, rejection
from tokgen.generation import prefix_spelling
from tokgen.plugin_api import sampler
from tokgen.session import drawing, file
from tokgen.text_model import cross_entropy, posterior, quality, tree

PAGE = (Path(__file__).parents[2] / "docs/exact.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Where it ends")[2]
LIMITS = {
    "characters of a condition": f"{conditions.MOST_CHARACTERS:,} characters that a length",
    "characters of a class": f"{patterns.LARGEST_CLASS:,} in one class",
    "characters of classes": f"{patterns.MOST_LISTED:,} characters in the classes",
    "row for novel": f"{condition_automata.DEEPEST_TREE:,} characters of a row",
    "branches": f"{sampler.MOST_BRANCHES} branches",
    "tokens drawn": f"{longest.LONGEST_DRAWN:,} tokens of a document drawn",
    "tokens searched": f"{longest.LONGEST_SEARCHED:,} tokens of a document that is searched",
    "tokens proposed": f"{rejection.LONGEST_PROPOSED:,} tokens of a document that is proposed",
    "proposals": f"{rejection.MOST_IN_VAIN:,} proposals in a row",
    "choices": f"{beam_pass.CHOICES_AT_MOST:,} tokens that a round",
    "choices of each": f"{beam_pass.CHOICES_OF_EACH:,} more for each document",
    "states of far": f"{far_automaton.MOST_STATES:,} states of the automaton",
    "listed by quality": f"{likeliest.ENUMERATED_AT_MOST:,} documents listed",
    "length for quality": f"more than {likeliest.LONGEST_LISTED} tokens",
    "drawn for quality": f"{quality.DRAWN:,} drawn documents",
    "lengths": f"{length_law.MOST_LISTED:,} lengths",
    "prefix tokens": f"{bounds.MAX_PREFIX_TOKENS} tokens of the prefixes",
    "spellings": f"{prefix_spelling.MOST_SPELLINGS:,} spellings",
    "positions": f"{posterior.MOST_POSITIONS} positions",
    "nodes": f"{tree.MOST_NODES:,} nodes",
    "by hand": f"{cross_entropy.MOST_BY_HAND:,} tokens of a text",
    "remembered": f"{consoles.MOST_REMEMBERED:,} pieces",
    "run": f"{drawing.LONGEST} tokens of `:run`",
    "line": f"{text_file.LONGEST_LINE:,} bytes of a document",
    "card": f"{yaml_table.LARGEST_TABLE:,} bytes of a document, of a card",
    "session": f"{file.LARGEST_SESSION >> 20} MiB of a session",
    "corpus": f"{text_file.LARGEST_CORPUS >> 30} GiB of a corpus",
}


@pytest.mark.parametrize("limit", LIMITS)
def test_the_page_names_it(limit):
    assert LIMITS[limit] in TABLE
