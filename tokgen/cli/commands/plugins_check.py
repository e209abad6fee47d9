"""`tokgen plugins check`: hold a plugin to the clauses of its kind, and tell what it violates."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from tokgen import registry
from tokgen.cli import candidates
from tokgen.cli.arguments import JsonArgument, without_effect
from tokgen.cli.plugin_choice import KindArgument, check_kind, chosen_plugins
from tokgen.cli.terminal import output_console, print_json, say, talk_console
from tokgen.cli.views.conformance import clauses_table, explanation, show_outcomes
from tokgen.errors import PluginError, TokgenError, counted, needing_torch
from tokgen.plugin_api.options import parse_assignments
from tokgen.unicode import inert

if TYPE_CHECKING:
    from tokgen.testing.outcome import Outcome


PATIENCE = 5.0
PATIENCE_WITH_A_CALL = 60.0


def check_plugins(
    plugin: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|FILE",
            help="A plugin, or a Python file of plugins; without it, the clauses of each kind "
            "are listed.",
            autocompletion=candidates.plugins,
        ),
    ] = None,
    kind: KindArgument = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--option",
            metavar="KEY=VALUE",
            help="An option of the plugin that is checked.",
            autocompletion=candidates.plugin_options,
        ),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="CLAUSE",
            help="Say what a clause wants, and why.",
            autocompletion=candidates.clauses,
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            min=0.0,
            help=f"Seconds a clause may take before it is cut off (default: {PATIENCE}).",
        ),
    ] = None,
    call_seconds: Annotated[
        float | None,
        typer.Option(
            "--call-seconds",
            min=0.1,
            help="Seconds after which a call that has not returned is given up (default: "
            f"{PATIENCE_WITH_A_CALL}).",
        ),
    ] = None,
    json: JsonArgument = False,
) -> None:
    """Check that a plugin keeps the contract of its kind.

    Exit code 3: the plugin breaks the contract. Exit code 1: the plugin keeps what was checked, but
    time ran out before every clause was tried to its end.
    """
    checking = {"--option": option, "--seconds": seconds, "--call-seconds": call_seconds}
    if explain is not None:
        without_effect("with --explain", {"NAME|FILE": plugin, "--kind": kind, **checking})
        _explain(explain, json)
        return
    if plugin is None:
        without_effect("without a plugin", checking)
        _list_clauses(kind, json)
        return
    options = parse_assignments(option or [])
    limits = (
        PATIENCE if seconds is None else seconds,
        PATIENCE_WITH_A_CALL if call_seconds is None else call_seconds,
    )
    plugins = _chosen(plugin, kind, limits[1])
    outcomes: list[Outcome] = []
    for found in plugins:
        with needing_torch(f"Checking the {found.display_name}"):
            outcomes += _check(found, options, limits, json)
    is_late = _tell_late(outcomes)
    if any(outcome.verdict == "failed" for outcome in outcomes):
        raise typer.Exit(PluginError.exit_code)
    if is_late:
        raise typer.Exit(TokgenError.exit_code)


def _chosen(plugin: str, kind: str | None, seconds: float) -> Sequence[registry.FoundPlugin]:
    """The plugins that are meant; a file of plugins is imported within its time."""
    from tokgen.testing.waiting import loaded_in_time

    return loaded_in_time(partial(chosen_plugins, plugin, kind), f"The file {plugin}", seconds)


def _check(
    found: registry.FoundPlugin,
    options: dict[str, str],
    seconds: tuple[float, float],
    json: bool,
) -> list[Outcome]:
    """Check one plugin and show what came of it.

    `seconds`: those that a clause may take, and those of a call.
    """
    from tokgen.testing.catalogue import CLAUSES, plugin_under_test
    from tokgen.testing.outcome import checked
    from tokgen.testing.waiting import loaded_in_time

    started = time.perf_counter()
    clauses = CLAUSES[found.kind]
    load = partial(plugin_under_test, found.kind, found.name, options)
    plugin = loaded_in_time(load, f"The {found.display_name}", seconds[1])
    outcomes = []
    for outcome in _watched(checked(clauses, plugin, *seconds), [each.id for each in clauses]):
        outcomes.append(outcome)
        if json:
            print_json(_as_json(found, outcome))
    if not json:
        took = f"{time.perf_counter() - started:.1f}\N{NO-BREAK SPACE}s"
        console = output_console()
        heading = f"{found.display_name}, {len(outcomes)} clauses, {took}"
        console.print(inert(heading), style="bold", soft_wrap=True)
        show_outcomes(console, found.display_name, outcomes)
    return outcomes


def _tell_late(outcomes: Sequence[Outcome]) -> bool:
    """Say which clauses were not checked to their end for want of time; whether there are any."""
    from tokgen.testing.outcome import seconds_for

    late = [outcome.clause.id for outcome in outcomes if outcome.seconds_wanted]
    if late:
        say(
            f"Not checked to the end, because the time was over: {counted(len(late), 'clause')} "
            f"({', '.join(late)}). To give each clause more: --seconds {seconds_for(outcomes)}."
        )
    return bool(late)


def _watched(outcomes: Iterator[Outcome], ids: Sequence[str]) -> Iterator[Outcome]:
    """The outcomes as they come, with the clause that is being checked shown on a terminal."""
    if not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.status import Status

    with Status("", console=talk_console()) as status:
        for number, clause in enumerate(ids, start=1):
            status.update(f"{number} of {len(ids)}: {clause} …")
            yield next(outcomes)


def _as_json(found: registry.FoundPlugin, outcome: Outcome) -> dict[str, object]:
    return {
        "kind": found.kind,
        "name": found.name,
        "clause": outcome.clause.id,
        "verdict": outcome.verdict,
        "said": outcome.said,
        "shown": outcome.shown,
        "place": outcome.place,
        "mend": outcome.mend,
        "kept": outcome.kept,
        "seconds": round(outcome.seconds, 3),
        "seconds_wanted": round(outcome.seconds_wanted, 3),
    }


def _explain(clause_id: str, json: bool) -> None:
    from tokgen.testing.catalogue import CLAUSES, clauses_named

    for clause in clauses_named(clause_id):
        kinds = [kind for kind, clauses in CLAUSES.items() if clause in clauses]
        if json:
            texts = {"wants": clause.wants, "why": clause.why, "mend": clause.mend}
            print_json({"clause": clause.id, "kinds": kinds} | texts)
        else:
            output_console().print(explanation(clause, kinds))


def _list_clauses(kind: str | None, json: bool) -> None:
    """Without a plugin: what there is to keep."""
    from tokgen.testing.catalogue import CLAUSES

    if kind is not None:
        check_kind(kind)
    for name, clauses in CLAUSES.items():
        if kind not in (None, name):
            continue
        if json:
            for clause in clauses:
                print_json({"kind": name, "clause": clause.id, "wants": clause.wants})
        else:
            output_console().print(f"{name}, {len(clauses)} clauses", style="bold")
            output_console().print(clauses_table(clauses))
