"""What came of checking a plugin: how many clauses it keeps, and each that it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tokgen.cli.views.table import LEAST_TEXT, Column, Table
from tokgen.unicode import inert

if TYPE_CHECKING:
    from tokgen.testing.clause import Clause
    from tokgen.testing.outcome import Outcome


def outcomes_table(outcomes: Sequence[Outcome]) -> Table:
    """The number of clauses kept, then a row for each that was violated or not checked."""
    kept = sum(outcome.verdict == "passed" for outcome in outcomes)
    rows: list[tuple[str, str, Any]] = [("✓", str(kept), "kept" if kept != 1 else "is kept")]
    for outcome in outcomes:
        if outcome.verdict == "failed":
            rows.append(("✗", outcome.clause.id, _violation(outcome)))
        elif outcome.verdict == "skipped":
            rows.append(("–", outcome.clause.id, inert(f"not checked: {outcome.said}")))
    marks, ids, said = zip(*rows, strict=True)
    return Table([Column(marks, style="dim", is_key=True), Column(ids), _wrapped(said)])


def _violation(outcome: Outcome) -> Any:
    from rich.text import Text

    told = Text(inert(outcome.said))
    if outcome.shown:
        told.append(f"\nshown by {inert(outcome.shown)}", style="dim")
    if outcome.place:
        told.append(f"\nat {inert(outcome.place)}", style="dim")
    told.append(f"\n→ {outcome.clause.mend}", style="dim")
    return told


def explanation(clause: Clause, kinds: Sequence[str]) -> Table:
    """What a clause wants, of which kinds of plugins, why, and how its usual fault is mended."""
    said = {
        "clause": clause.id,
        "of": ", ".join(kinds),
        "wants": clause.wants,
        "why": clause.why,
        "to mend": clause.mend,
    }
    return Table([Column([*said], style="dim", is_key=True), _wrapped([*said.values()])])


def clauses_table(clauses: Sequence[Clause]) -> Table:
    """Every clause of a kind: its id and what it wants."""
    ids = Column([clause.id for clause in clauses], is_key=True)
    return Table([ids, _wrapped([clause.wants for clause in clauses])])


def _wrapped(texts: Sequence[Any]) -> Column:
    return Column(texts, least=LEAST_TEXT)
