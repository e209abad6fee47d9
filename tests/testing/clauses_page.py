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
instead.

This page is made from the code by `nox -s clauses`.
"""


def page():
    """The whole page."""
    wrong = Counter(clause for _, clause, _ in test_every_kind_clauses.WRONG.values())
    sections = [_section("tokenizers, models and samplers", every_kind.CLAUSES, wrong)]
    for kind in MODULES:
        wrong = Counter(clause for each in classes(kind).values() for clause in each.violates)
        sections.append(_section(f"{kind} alone", own_clauses(kind), wrong))
    wrong = Counter(clause for _, clause, _ in test_corpus_clauses.WRONG.values())
    sections.append(_section("corpora", own_clauses("corpora"), wrong))
    wrong = Counter(clause for _, clause, _ in test_command_clauses.WRONG.values())
    sections.append(_section("commands, beside those of importing", own_clauses("commands"), wrong))
    return "\n".join([HEAD, *sections])


def _section(title, clauses, wrong):
    lines = [
        f"## Of {title}: {len(clauses)}",
        "",
        "| clause | what it wants | how its usual fault is mended | made wrong |",
        "|---|---|---|---|",
    ]
    for clause in clauses:
        cells = (f"`{clause.id}`", clause.wants, clause.mend, str(wrong.get(clause.id) or "–"))
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
