"""What the source of a plugin says of it, read without importing anything."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tokgen.errors import TokgenError
from tokgen.registry.api_numbers import deprecation, refusal
from tokgen.registry.discovery import disabled_by, is_malformed, rivals_of
from tokgen.registry.found import FoundPlugin

# Where a module names these, it may have names that are not written in it.
ANY_NAME = ("*", "__getattr__", "globals", "exec", "setattr")
Status = Literal["available", "broken", "disabled", "conflict"]


@dataclass(frozen=True)
class Source:
    """Where a plugin is written, and what is written there.

    Attributes:
        place: the path of the file; None where it cannot be found.
        summary: the first line of its docstring, the module's for what is no class or function; of
            a corpus the title on its card. Empty where nothing is said.
        fault: why the plugin cannot be used, in a sentence; empty where nothing stands against it.
        deprecation: what its author has to change, in a sentence; empty where there is nothing.
    """

    place: Path | None
    summary: str = ""
    fault: str = ""
    deprecation: str = ""


def source_of(plugin: FoundPlugin) -> Source:
    """Where the plugin is, and what it says of itself. Nothing is imported."""
    module, _, attribute = (part.strip() for part in plugin.reference.partition(":"))
    place = Path(plugin.file) if plugin.file else _file_of(module)
    if place is not None and plugin.kind == "corpora":
        place = place.parent / attribute
    if place is None or not place.exists():
        return Source(place, fault="Its file cannot be found.")
    try:
        summary, number = _read_card(place) if plugin.kind == "corpora" else _read(place, attribute)
    except TokgenError as error:
        return Source(place, fault=str(error))
    except SyntaxError as error:
        return Source(place, fault=f"It is not Python: line {error.lineno}: {error.msg}.")
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return Source(place, fault=f"It cannot be read: {type(error).__name__}.")
    if number is None and plugin.kind != "corpora":
        return Source(place, summary)
    fault, change = (_sentence(said) for said in (refusal(number), deprecation(number)))
    return Source(place, summary, fault, change)


def _sentence(said: str | None) -> str:
    return f"It {said}" if said else ""


def status(plugin: FoundPlugin, source: Source) -> Status:
    """What can be said of a plugin without importing it."""
    if disabled_by(plugin):
        return "disabled"
    if rivals_of(plugin):
        return "conflict"
    return "broken" if is_malformed(plugin) or source.fault else "available"


def _file_of(module: str) -> Path | None:
    """The file of a module. A submodule is looked up in its package's folders, unimported."""
    package, *inside = module.split(".")
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if not inside:
        return Path(spec.origin) if spec.origin else None
    for folder in spec.submodule_search_locations or ():
        path = Path(folder, *inside)
        for candidate in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
            if candidate.exists():
                return candidate
    return None


def _read_card(place: Path) -> tuple[str, Any]:
    """The title of a corpus and its API number, which a card must declare."""
    from tokgen.yaml_table import read_yaml_table

    card = read_yaml_table(place).values
    title = card.get("title")
    return title.partition("\n")[0] if isinstance(title, str) else "", card.get("tokgen_api")


def _read(place: Path, attribute: str) -> tuple[str, Any]:
    """The summary of what a file of Python defines under a name, and the API number it declares."""
    tree = ast.parse(place.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == attribute:
            return _first_line(node), _declared_number(node)
        if isinstance(node, ast.FunctionDef) and node.name == attribute:
            return _first_line(node), None
    named = _named_in(tree)
    if not named & {attribute, *ANY_NAME}:
        raise TokgenError(f"Its file defines no {attribute!r}.")
    # What is no class or function, as a Typer app, is described by its module.
    return _first_line(tree) if attribute in named else "", None


def _named_in(tree: ast.Module) -> set[str]:
    """Every name that is written somewhere in a module."""
    named = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                named.add(name)
            case ast.alias(name=name, asname=other):
                named.add(other or name)
    return named


def _first_line(node: ast.ClassDef | ast.FunctionDef | ast.Module) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


def _declared_number(node: ast.ClassDef) -> Any:
    """The value of `tokgen_api` in the body of a class; None where it is inherited or computed."""
    for each in node.body:
        targets = each.targets if isinstance(each, ast.Assign) else [getattr(each, "target", None)]
        named = any(isinstance(name, ast.Name) and name.id == "tokgen_api" for name in targets)
        value = getattr(each, "value", None)
        if named and isinstance(value, ast.Constant):
            return value.value
    return None
