"""A page for each command, made at each build from what `--help` is made of."""

from __future__ import annotations

import html
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from typer.main import get_command

from tokgen.cli import COMMANDS, GROUPS, application


def on_config(config: MkDocsConfig) -> None:
    """Name the pages in the navigation."""
    section = next(each for each in config.nav or [] if "Commands" in each)
    section["Commands"] = [f"commands/{name}.md" for name in ("index", *COMMANDS, *GROUPS)]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    whole: Any = get_command(application([*COMMANDS, *GROUPS]))
    pages = {"index": _overview(whole)}
    for name, command in whole.commands.items():
        pages[name] = "\n".join(_sections(f"tokgen {name}", command, level=1))
    for name, text in pages.items():
        files.append(File.generated(config, f"commands/{name}.md", content=text))
    return files


def _overview(whole: Any) -> str:
    rows = [
        f"| [`{name}`]({name}.md) | {_text(_summary(command))} |"
        for name, command in whole.commands.items()
    ]
    return "\n".join(
        [
            "# Commands",
            "",
            "These pages say what `tokgen COMMAND --help` says.",
            "",
            "| command | what it does |",
            "|---|---|",
            *rows,
            "",
            "## Options of `tokgen` itself",
            "",
            *_table("option", _records(whole, "tokgen", "option")),
        ]
    )


def _sections(path: str, command: Any, level: int) -> list[str]:
    """The lines of a command, and of those that it groups."""
    context = command.context_class(command, info_name=path)
    usage = command.get_usage(context).removeprefix("Usage: ")
    lines = [f"{'#' * level} {path}", "", _text(command.help or ""), ""]
    lines += ["```text", usage, "```", ""]
    lines += _table("argument", _records(command, path, "argument"))
    lines += _table("option", _records(command, path, "option"))
    for name, inner in getattr(command, "commands", {}).items():
        lines += _sections(f"{path} {name}", inner, level + 1)
    return lines


def _summary(command: Any) -> str:
    return str(command.help or "").split("\n\n")[0]


def _records(command: Any, path: str, kind: str) -> list[tuple[str, str]]:
    context = command.context_class(command, info_name=path)
    params = [each for each in command.get_params(context) if each.param_type_name == kind]
    return list(filter(None, (each.get_help_record(context) for each in params)))


def _table(heading: str, records: list[tuple[str, str]]) -> list[str]:
    if not records:
        return []
    rows = [f"| {_code(name)} | {_text(meaning)} |" for name, meaning in records]
    return [f"| {heading} | what it means |", "|---|---|", *rows, ""]


def _code(text: str) -> str:
    """As code in a cell; where the line may break is after a comma, and before the value."""
    shown = html.escape(text, quote=False).replace("|", "&#124;")
    return ", ".join(f"<code>{part}</code>" for part in shown.split(", "))


def _text(text: str) -> str:
    """As text in a cell: nothing in it is markup."""
    shown = html.escape(" ".join(text.split()), quote=False)
    for sign in "\\`*_[]|":
        shown = shown.replace(sign, f"\\{sign}")
    return shown
