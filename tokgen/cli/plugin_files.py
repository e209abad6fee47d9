"""`--plugin FILE`: an option of every command that may use a plugin."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from tokgen.cli.file_roles import FileRole


def _add(ctx: typer.Context, files: list[Path] | None) -> list[Path] | None:
    from tokgen import registry

    # While a shell completes words, nothing of a plugin is imported.
    for file in () if ctx.resilient_parsing else files or ():
        registry.add_file(file)
    return files


def _python_files(incomplete: str) -> list[tuple[str, str]]:
    from tokgen.cli import candidates

    return candidates.plugin_files(incomplete)


PluginArgument = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin",
        metavar="FILE",
        # Whatever else is asked for may already be one of the file's plugins.
        is_eager=True,
        callback=_add,
        autocompletion=_python_files,
        help="Also use the plugins that this Python file defines.",
    ),
    FileRole.read,
]


def taking_plugins(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the option `--plugin`, whose files are added before it runs."""
    signature = inspect.signature(command, eval_str=True)
    added = inspect.Parameter(
        "plugin_files",
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=None,
        annotation=PluginArgument,
    )
    parameters = [*signature.parameters.values(), added]

    @functools.wraps(command)
    def run(plugin_files: list[Path] | None = None, **given: Any) -> None:
        command(**given)

    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run
