"""docs/clauses.md: every clause, and how many plugins made wrong the tests hold against it.

`nox -s clauses` writes the page anew.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import test_command_clauses
import test_corpus_clauses
import test_every_kind_clauses
from made_wrong import MODULES, classes, own_clauses

from tokgen.testing import every_kind

PAGE = Path(__file__).parents[2] / "docs" / "clauses.md"
HEAD = """\
# The clauses

What `tokgen plugins check NAME` holds a plugin to, kind by kind. `tokgen plugins check --explain
CLAUSE` says of each clause why it is there, too. The last column counts the plugins made wrong on
purpose that the tests hold against the clause; – stands where the clause has a test of its own
instead. The name of a clause leads to the page that shows how such a fault is seen and mended.

This page is made from the code by `nox -s clauses`.
"""


PAGES = {
    "samplers": "plugins/sampler.md#check-it",
    "models": "plugins/model.md#what-to-do-when-it-breaks",
    "tokenizers": "plugins/tokenizer.md#what-to-do-when-it-breaks",
    "corpora": "plugins/corpus.md#check-it",
    "commands": "plugins/command.md#check-it",
}
SHOWN_AT = {
    "howto/sampler.md#what-goes-wrong": ("leaves-a-token", "known-needs", "declared-needs"),
    "plugins/sampler.md#one-that-remembers": (
        "branch-weights",
        "branch-count",
        "deterministic",
        "no-global-randomness",
        "no-state",
        "history-padding",
    ),
    "howto/model.md#what-goes-wrong": (
        "better-than-frequencies",
        "start-id",
        "beginning-respected",
    ),
    "howto/recurrent.md#what-goes-wrong": ("cache-continues", "scores-as-rows", "causal"),
    "howto/tokenizer.md#what-goes-wrong": ("characters-known", "damaged-state", "pieces-nfc"),
    "howto/corpus.md#make-it-a-package": ("data-hash", "rows", "columns-filled"),
    "howto/command.md#what-goes-wrong": ("command-line",),
}
PAGE_OF = {clause: where for where, clauses in SHOWN_AT.items() for clause in clauses}


def page():
    """The whole page."""
    wrong = Counter(clause for _, clause, _ in test_every_kind_clauses.WRONG.values())
    sections = [
        _section("tokenizers, models and samplers", every_kind.CLAUSES, wrong, "plugins/index.md")
    ]
    for kind in MODULES:
        wrong = Counter(clause for each in classes(kind).values() for clause in each.violates)
        sections.append(_section(f"{kind} alone", own_clauses(kind), wrong, PAGES[kind]))
    wrong = Counter(clause for _, clause, _ in test_corpus_clauses.WRONG.values())
    sections.append(_section("corpora", own_clauses("corpora"), wrong, PAGES["corpora"]))
    wrong = Counter(clause for _, clause, _ in test_command_clauses.WRONG.values())
    title = "commands, beside those of importing"
    sections.append(_section(title, own_clauses("commands"), wrong, PAGES["commands"]))
    return "\n".join([HEAD, *sections])


def _section(title, clauses, wrong, page_of_kind):
    lines = [
        f"## Of {title}: {len(clauses)}",
        "",
        "| clause | what it wants | how its usual fault is mended | made wrong |",
        "|---|---|---|---|",
    ]
    for clause in clauses:
        name = f"[`{clause.id}`]({PAGE_OF.get(clause.id, page_of_kind)})"
        cells = (name, clause.wants, clause.mend, str(wrong.get(clause.id) or "–"))
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
