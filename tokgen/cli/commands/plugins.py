"""`tokgen plugins`: what is installed, found without importing it; `show` imports the one named."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer
from pydantic_core import PydanticUndefined

from tokgen import registry
from tokgen.cli.arguments import JsonArgument
from tokgen.cli.commands.plugins_check import check_plugins
from tokgen.cli.plugin_choice import KindArgument, chosen_plugin
from tokgen.cli.terminal import output_console, print_json
from tokgen.errors import RequestError
from tokgen.unicode import inert

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, show and check plugins.")
app.command("check")(check_plugins)


@app.command("list")
def list_plugins(json: JsonArgument = False) -> None:
    """List the plugins that are installed, without importing them."""
    rows = [
        {
            "kind": found.kind,
            "name": found.name,
            "distribution": found.distribution,
            "version": found.version,
            "status": registry.status(found),
        }
        for found in registry.find_plugins()
    ]
    if json:
        for row in rows:
            print_json(row)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in rows[0] if rows else ():
        table.add_column(heading)
    for row in rows:
        table.add_row(*map(inert, row.values()))
    output_console().print(table)


@app.command("show")
def show_plugin(
    name: Annotated[str, typer.Argument(help="A plugin's name.")],
    kind: KindArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show what a plugin does and which options it takes."""
    found = chosen_plugin(name, kind)
    if found.kind == "corpora":
        raise RequestError(f"{name!r} is a corpus: tokgen corpora show {name} shows it.")
    implementation = registry.load(found.kind, name).implementation
    options = [_option(key, field) for key, field in implementation.Options.model_fields.items()]
    description = inspect.getdoc(implementation) or ""
    if json:
        print_json(
            {
                "kind": found.kind,
                "name": name,
                "distribution": found.distribution,
                "version": found.version,
                "description": description,
                "options": options,
            }
        )
        return
    _show(found, description, options)


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
    from rich.table import Table

    console = output_console()
    console.print(inert(found.display_name), style="bold")
    for line in description.splitlines():
        console.print(inert(line) if line else "")
    console.print()
    if not options:
        console.print("It takes no options.", style="dim")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("option", "default", "meaning"):
        table.add_column(heading)
    for option in options:
        default = "required" if option["required"] else str(option["default"])
        table.add_row(inert(option["name"]), inert(default), inert(option["description"]))
    console.print(table)
