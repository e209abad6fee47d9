"""docs/clauses.md is what the clauses of today say."""

from __future__ import annotations

from clauses_page import PAGE, page

from tokgen.testing.catalogue import CLAUSES


def test_the_page_is_made_of_the_clauses_of_today():
    stale = "docs/clauses.md is stale: nox -s clauses makes it anew"
    assert PAGE.read_text(encoding="utf-8") == page(), stale


def test_every_clause_stands_in_it():
    written = PAGE.read_text(encoding="utf-8")
    assert all(f"`{each.id}`" in written for clauses in CLAUSES.values() for each in clauses)
