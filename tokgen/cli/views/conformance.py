"""What came of checking a plugin: how many clauses it keeps, and each that it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tokgen.cli.views.table import LEAST_TEXT, Column, Table
from tokgen.unicode import inert

if TYPE_CHECKING:
    from tokgen.testing.clause import Clause
    from tokgen.testing.outcome import Outcome


def outcomes_table(outcomes: Sequence[Outcome]) -> Table:
    """The number of clauses kept, then each that was violated, and those that were not checked.

    Clauses that were kept on part of the inputs, or not checked, for the same reason share a row.
    """
    kept = [outcome for outcome in outcomes if outcome.verdict == "passed"]
    rows: list[tuple[str, str, Any]] = [
        ("✓", str(len(kept)), "kept" if len(kept) != 1 else "is kept")
    ]
    for said, count in Counter(outcome.said for outcome in kept if outcome.said).items():
        rows.append(("", "", inert(f"{count} of them {said}")))
    for outcome in outcomes:
        if outcome.verdict == "failed":
            rows.append(("✗", outcome.clause.id, _violation(outcome)))
    for said, ids in _not_checked(outcomes).items():
        named = ids[0] if len(ids) == 1 else f"{len(ids)} clauses"
        rows.append(("–", named, inert(f"not checked: {said}")))
    marks, names, told = zip(*rows, strict=True)
    return Table([Column(marks, style="dim", is_key=True), Column(names), _wrapped(told)])


def _not_checked(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """The ids of the clauses that were not checked, by the reason."""
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.verdict == "skipped":
            found.setdefault(outcome.said, []).append(outcome.clause.id)
    return found


def _violation(outcome: Outcome) -> Any:
    from rich.text import Text

    told = Text(inert(outcome.said))
    if outcome.shown:
        told.append(f"\nshown by {inert(outcome.shown)}", style="dim")
    if outcome.place:
        told.append(f"\nat {inert(outcome.place)}", style="dim")
    told.append(f"\n→ {inert(outcome.mend)}", style="dim")
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
