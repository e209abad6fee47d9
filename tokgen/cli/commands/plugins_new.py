"""`tokgen plugins new`: begin a plugin, as a distribution or as one file, that works already."""

from __future__ import annotations

import importlib.util
import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tokgen import registry
from tokgen.cli import COMMANDS, GROUPS
from tokgen.cli.terminal import say
from tokgen.errors import RequestError
from tokgen.paths import user_path
from tokgen.scaffold.distribution import distribution_of
from tokgen.scaffold.kinds import COMMAND, KINDS, Kind, find_kind
from tokgen.scaffold.names import Names, parse_names
from tokgen.scaffold.source import single_file_of
from tokgen.scaffold.writing import write_new


def new_plugin(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help=f"One of {', '.join(KINDS)}.",
            autocompletion=lambda: [*KINDS],
        ),
    ],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What users will type, such as my-sampler.")
    ],
    into: Annotated[
        str | None,
        typer.Option(
            "--into", metavar="DIR", help="The folder for the files (default: ./tokgen-NAME)."
        ),
    ] = None,
    single_file: Annotated[
        bool, typer.Option("--single-file", help="Write one file, for --plugin FILE.")
    ] = False,
    author: Annotated[
        str | None,
        typer.Option("--author", help="Who holds the copyright (default: the authors of NAME)."),
    ] = None,
) -> None:
    """Write a new plugin that works and explains itself, for you to change."""
    chosen, names = find_kind(kind), parse_names(name)
    _check_free(chosen, names, single_file=single_file)
    if single_file:
        _write_single_file(chosen, names, Path() if into is None else user_path(into), author)
    else:
        folder = Path(names.distribution) if into is None else user_path(into)
        _write_distribution(chosen, names, folder, author)


def _check_free(kind: Kind, names: Names, *, single_file: bool) -> None:
    """Refuse a name that is taken already; one that is disabled leaves its name to a file's."""
    what = "command" if kind.name == COMMAND else kind.name.removeprefix("torch-")
    taken = f"There is a {what} {names.plugin!r} already"
    if kind.name == COMMAND and names.plugin in (*COMMANDS, *GROUPS):
        raise RequestError(f"{taken}: choose another name.")
    for found in registry.find_plugins():
        if (found.kind, found.name) != (kind.group, names.plugin):
            continue
        disabled = registry.disabled_by(found)
        if not (disabled and single_file):
            told = f", which {disabled} disables" if disabled else ""
            raise RequestError(f"{taken}, that of {found.owner}{told}: choose another name.")


def _write_single_file(kind: Kind, names: Names, folder: Path, author: str | None) -> None:
    if kind.uses_file is None:
        raise RequestError(
            f"A {kind.name} is data with a card, not one file: leave out --single-file."
        )
    if author is not None:
        raise RequestError("--author has no effect with --single-file: the file names no author.")
    name = f"{names.module}.py"
    if _is_module_elsewhere(names.module, folder / name):
        raise RequestError(
            f"A file {name} would hide the module {names.module!r} from Python: choose another "
            "name."
        )
    write_new(folder, {name: single_file_of(kind, names)})
    print(folder / name)
    path = _typed(folder / name)
    _say_next([use.format(name=names.plugin, file=path) for use in kind.uses_file])


def _is_module_elsewhere(module: str, path: Path) -> bool:
    """Whether Python has a module of this name that is not the file at `path`."""
    spec = importlib.util.find_spec(module)
    return spec is not None and (spec.origin is None or Path(spec.origin) != path.resolve())


def _write_distribution(kind: Kind, names: Names, folder: Path, author: str | None) -> None:
    if importlib.util.find_spec(names.package) is not None:
        raise RequestError(
            f"A package {names.package!r} is installed already: choose another name."
        )
    holder = f"the authors of {names.plugin}" if author is None else _one_line(author)
    files = distribution_of(kind, names, holder, date.today().year)
    write_new(folder, files)
    for name in files:
        print(folder / name)
    install = f'python -m pip install -e "{_from_here(folder)}[dev]"'
    _say_next([install, *(use.format(name=names.plugin) for use in kind.uses[:2])])
    missing = "the description" if author is not None else "the author and the description"
    say(f"Fill in {missing} in {_from_here(folder / 'pyproject.toml')}.")
    _say_if_disabled(kind, names)


def _say_if_disabled(kind: Kind, names: Names) -> None:
    """An environment variable may disable what is not there yet."""
    future = registry.FoundPlugin(kind.group, names.plugin, names.distribution, "", "")
    variable = registry.disabled_by(future)
    if variable is not None:
        value = os.environ[variable]
        say(f"As long as {variable} is {value!r}, the {kind.name} {names.plugin!r} is disabled.")


def _one_line(author: str) -> str:
    if not author.strip() or not author.isprintable():
        raise RequestError(f"The author {author!r} is not a name on one line.")
    return author


def _from_here(path: Path) -> str:
    """The path as no program takes it for a name: `./words.py`, not `words.py`."""
    return str(path) if path.is_absolute() else f".{os.sep}{path}"


def _typed(path: Path) -> str:
    """The path as it is typed, in quotation marks where it holds a space."""
    typed = _from_here(path)
    return f'"{typed}"' if " " in typed else typed


def _say_next(commands: list[str]) -> None:
    say("Next:")
    for command in commands:
        say(f"  {command}")
