"""`tokgen plugins`: what is installed, found without importing it; `show` imports the one named."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from pydantic_core import PydanticUndefined

from tokgen import registry
from tokgen.cli import candidates
from tokgen.cli.arguments import JsonArgument
from tokgen.cli.commands.plugins_check import check_plugins
from tokgen.cli.commands.plugins_new import new_plugin
from tokgen.cli.listing import CommandListing
from tokgen.cli.plugin_choice import KindArgument, check_kind, chosen_plugins
from tokgen.cli.plugin_files import taking_plugins
from tokgen.cli.terminal import output_console, print_json, say
from tokgen.cli.views.table import LEAST_TEXT, Column, Table
from tokgen.errors import RequestError
from tokgen.unicode import inert

UNUSABLE = ("broken", "conflict")

app = typer.Typer(cls=CommandListing, no_args_is_help=True, rich_markup_mode=None)
app.command("check")(taking_plugins(check_plugins))
app.command("new")(new_plugin)


@app.command("list")
@taking_plugins
def list_plugins(kind: KindArgument = None, json: JsonArgument = False) -> None:
    """List the plugins that are installed, without importing them."""
    if kind is not None:
        check_kind(kind)
    rows = [_row(found) for found in registry.find_plugins() if kind in (None, found.kind)]
    _tell_damaged()
    for variable, unknown in registry.unknown_in_variables():
        say(f"{variable} names {unknown!r}, which is not installed")
    if json:
        for row in rows:
            print_json(row)
        return
    output_console().print(_listed(rows))
    _tell_places([row for row in rows if row["status"] in UNUSABLE and row["place"]])


def _row(found: registry.FoundPlugin) -> dict[str, str]:
    source = registry.source_of(found)
    return {
        "kind": found.kind,
        "name": found.name,
        "distribution": found.distribution,
        "version": found.version,
        "status": _status(found, source),
        "place": str(source.place or ""),
        "summary": source.summary,
        "fault": source.fault,
        "deprecation": source.deprecation,
    }


def _status(found: registry.FoundPlugin, source: registry.Source) -> str:
    """What `registry.status` says, but that a command cannot take the name of tokgen's own."""
    if _is_own_command({"kind": found.kind, "name": found.name}):
        return "conflict"
    return registry.status(found, source)


def _is_own_command(row: Mapping[str, str]) -> bool:
    from tokgen.cli import COMMANDS, GROUPS

    return row["kind"] == "commands" and row["name"] in (*COMMANDS, *GROUPS)


def _listed(rows: Sequence[Mapping[str, str]]) -> Table:
    """A line for each plugin; what it says of itself, or why it cannot be used."""
    distributions = [f"{row['distribution']} {row['version']}".strip() for row in rows]
    return Table(
        [
            Column([row["kind"] for row in rows], "kind", is_key=True),
            Column([inert(row["name"]) for row in rows], "name", is_key=True),
            Column([*map(inert, distributions)], "distribution"),
            Column([row["status"] for row in rows], "status"),
            Column([inert(_said_of(row)) for row in rows], "what it does", least=LEAST_TEXT),
        ]
    )


def _said_of(row: Mapping[str, str]) -> str:
    if row["status"] == "conflict":
        own = _is_own_command(row)
        why = "It has the name of a command of tokgen" if own else "Several distributions offer it"
        return f"{why}: write {row['distribution']}:{row['name']}."
    return row["fault"] or " ".join(filter(None, (row["summary"], row["deprecation"])))


def _tell_places(rows: Sequence[Mapping[str, str]]) -> None:
    """Where those are that cannot be used, each on a line that is never wrapped: to be copied."""
    console = output_console()
    for row in rows:
        said = f"{row['kind']} {row['name']} of {row['distribution']} ({row['status']}) is in"
        console.print(f"\n{inert(said)}", style="dim", soft_wrap=True)
        console.print(inert(row["place"]), soft_wrap=True)


def _tell_damaged() -> None:
    for damaged in registry.damaged_distributions():
        say(f"the distribution in {damaged.place} is damaged: {damaged.said}")


@app.command("show")
@taking_plugins
def show_plugin(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="A plugin, or a Python file of plugins.",
            autocompletion=candidates.plugins_with_options,
        ),
    ],
    kind: KindArgument = None,
    json: JsonArgument = False,
    # Declared for the help: `main` takes the flag from wherever it stands on the command line.
    show_traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where the plugin fails while it is loaded.")
    ] = False,
) -> None:
    """Show what a plugin does and which options it takes."""
    for found in chosen_plugins(name, kind):
        _show_one(found, json)


def _show_one(found: registry.FoundPlugin, json: bool) -> None:
    name = found.name
    if found.kind == "corpora":
        raise RequestError(f"{name!r} is a corpus: tokgen corpora show {name} shows it.")
    if found.kind == "commands":
        program = f"python {found.file}" if found.file else f"tokgen {name}"
        raise RequestError(f"{name!r} is a command: {program} --help shows it.")
    implementation = registry.load_found(found).implementation
    options = [_option(key, field) for key, field in implementation.Options.model_fields.items()]
    description = inspect.getdoc(implementation) or ""
    deprecation = registry.deprecation(implementation.tokgen_api)
    if json:
        print_json(
            {
                "kind": found.kind,
                "name": name,
                "distribution": found.distribution,
                "version": found.version,
                "place": _place_of(found),
                "tokgen_api": implementation.tokgen_api,
                "deprecation": f"It {deprecation}" if deprecation else "",
                "description": description,
                "options": options,
            }
        )
        return
    if deprecation:
        description = f"{description}\n\nIt {deprecation}"
    _show(found, description, options)


def _place_of(found: registry.FoundPlugin) -> str:
    return str(registry.source_of(found).place or "")


def _option(name: str, field: Any) -> dict[str, Any]:
    required = field.default is PydanticUndefined
    bounds = [str(bound) for bound in field.metadata if "(" in str(bound)]
    annotation = field.annotation
    kind = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return {
        "name": name,
        "type": kind.replace("typing.", ""),
        "default": None if required else field.default,
        "required": required,
        "bounds": ", ".join(bounds),
        "description": field.description or "",
    }


def _show(found: registry.FoundPlugin, description: str, options: list[dict[str, Any]]) -> None:
    console = output_console()
    console.print(inert(found.display_name), style="bold")
    console.print(inert(_place_of(found)), style="dim", soft_wrap=True)
    for line in description.splitlines():
        console.print(inert(line) if line else "")
    console.print()
    if not options:
        console.print("It takes no options.", style="dim")
        return
    defaults = ["required" if each["required"] else str(each["default"]) for each in options]
    columns = [
        Column([inert(each["name"]) for each in options], "option", is_key=True),
        Column([*map(inert, defaults)], "default", least=LEAST_TEXT),
        Column([inert(each["description"]) for each in options], "meaning", least=LEAST_TEXT),
    ]
    console.print(Table(columns))
