"""What came of checking a plugin: how many clauses it keeps, and each that it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tokgen.unicode import inert

if TYPE_CHECKING:
    from tokgen.testing.clause import Clause
    from tokgen.testing.outcome import Outcome


def outcomes_table(outcomes: Sequence[Outcome]) -> Any:
    """The number of clauses kept, then a row for each that was violated or not checked."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(no_wrap=True)
    table.add_column()
    kept = sum(outcome.verdict == "passed" for outcome in outcomes)
    table.add_row("✓", str(kept), "kept" if kept != 1 else "is kept")
    for outcome in outcomes:
        if outcome.verdict == "failed":
            table.add_row("✗", outcome.clause.id, _violation(outcome))
        elif outcome.verdict == "skipped":
            table.add_row("–", outcome.clause.id, inert(f"not checked: {outcome.said}"))
    return table


def _violation(outcome: Outcome) -> Any:
    from rich.text import Text

    told = Text(inert(outcome.said))
    if outcome.shown:
        told.append(f"\nshown by {inert(outcome.shown)}", style="dim")
    told.append(f"\n→ {outcome.clause.mend}", style="dim")
    return told


def explanation(clause: Clause, kinds: Sequence[str]) -> Any:
    """What a clause wants, of which kinds of plugins, why, and how its usual fault is mended."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_row("clause", clause.id)
    table.add_row("of", ", ".join(kinds))
    table.add_row("wants", clause.wants)
    table.add_row("why", clause.why)
    table.add_row("to mend", clause.mend)
    return table


def clauses_table(clauses: Sequence[Clause]) -> Any:
    """Every clause of a kind: its id and what it wants."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for clause in clauses:
        table.add_row(clause.id, clause.wants)
    return table
