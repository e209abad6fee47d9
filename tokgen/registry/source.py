"""What the source of a plugin says of it, read without importing anything."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tokgen.registry.discovery import disabled_by, is_malformed, rivals_of
from tokgen.registry.found import FoundPlugin

Status = Literal["available", "broken", "disabled", "conflict"]


@dataclass(frozen=True)
class Source:
    """Where a plugin is written, and the first line of its docstring.

    Attributes:
        place: the path of the file; None where it cannot be found.
        summary: the module's for what is no class or function; empty where nothing is said, or
            the attribute is not defined in that file.
    """

    place: Path | None
    summary: str = ""


def source_of(plugin: FoundPlugin) -> Source:
    """Where the plugin is, and what it says of itself. Nothing is imported."""
    module, _, attribute = plugin.reference.partition(":")
    if plugin.kind == "corpora":
        package = _file_of(module.strip())
        return Source(None if package is None else package.parent / attribute.strip())
    place = Path(plugin.file) if plugin.file else _file_of(module.strip())
    if place is None:
        return Source(None)
    return Source(place, _summary(place, attribute.strip()))


def status(plugin: FoundPlugin) -> Status:
    """What can be said of a plugin without importing it."""
    if disabled_by(plugin):
        return "disabled"
    if rivals_of(plugin):
        return "conflict"
    place = None if is_malformed(plugin) else source_of(plugin).place
    return "available" if place is not None and place.exists() else "broken"


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


def _summary(place: Path, attribute: str) -> str:
    try:
        tree = ast.parse(place.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == attribute:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    # What is no class or function, as a Typer app, is described by its module.
    defined = {name.id for name in ast.walk(tree) if isinstance(name, ast.Name)}
    return (ast.get_docstring(tree) or "").partition("\n")[0] if attribute in defined else ""
