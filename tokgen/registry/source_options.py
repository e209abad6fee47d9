"""The options of a plugin as its source declares them, read without importing anything.

What the source computes is not known here: a class that is made elsewhere gives no options.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tokgen.plugin_api import NetworkOptions
from tokgen.registry.found import FoundPlugin
from tokgen.registry.source import source_of

_Classes = Mapping[str, ast.ClassDef]


@dataclass(frozen=True)
class WrittenOption:
    """An option of a plugin.

    Attributes:
        values: what users may want to write: all of a choice, both of a switch, else the default.
    """

    name: str
    description: str
    values: tuple[str, ...]


def written_options(plugin: FoundPlugin) -> tuple[WrittenOption, ...]:
    """The options of a plugin, those of its base classes in the same file included.

    Raises:
        OSError, SyntaxError, ValueError: the source cannot be read.
    """
    place = source_of(plugin).place
    if place is None or place.suffix != ".py":
        return ()
    tree = ast.parse(place.read_text(encoding="utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    attribute = plugin.reference.partition(":")[2].strip()
    options = _options_of(classes[attribute], classes) if attribute in classes else None
    if options is None:
        return ()
    return tuple({each.name: each for each in _declared(options, classes)}.values())


def _options_of(node: ast.ClassDef, classes: _Classes) -> ast.ClassDef | None:
    """The class that a plugin's class has under the name Options, or inherits."""
    for each in node.body:
        if isinstance(each, ast.ClassDef) and each.name == "Options":
            return each
        if isinstance(each, ast.Assign) and "Options" in map(ast.unparse, each.targets):
            return _class_at(each.value, classes)
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in classes:
            return _options_of(classes[base.id], classes)
    return None


def _class_at(expression: ast.expr, classes: _Classes) -> ast.ClassDef | None:
    """The class of this file that `Name` or `Name.Options` stands for."""
    match expression:
        case ast.Name(id=name) if name in classes:
            return classes[name]
        case ast.Attribute(value=ast.Name(id=name), attr="Options") if name in classes:
            return _options_of(classes[name], classes)
    return None


def _declared(node: ast.ClassDef, classes: _Classes) -> Iterator[WrittenOption]:
    for base in node.bases:
        inherited = _class_at(base, classes)
        if inherited is not None:
            yield from _declared(inherited, classes)
        elif ast.unparse(base) == NetworkOptions.__name__:
            for name, field in NetworkOptions.model_fields.items():
                yield WrittenOption(name, field.description or "", (str(field.default),))
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield _option(each.target.id, each.annotation, each.value)


def _option(name: str, annotation: ast.expr, value: ast.expr | None) -> WrittenOption:
    arguments = {each.arg: each.value for each in getattr(value, "keywords", [])}
    default = arguments.get("default", value)
    match annotation:
        case ast.Name(id="bool"):
            values: tuple[str, ...] = ("true", "false")
        case ast.Subscript(value=ast.Name(id="Literal"), slice=choice):
            named = choice.elts if isinstance(choice, ast.Tuple) else [choice]
            values = tuple(str(each.value) for each in named if isinstance(each, ast.Constant))
        case _:
            values = (str(default.value),) if isinstance(default, ast.Constant) else ()
    described = arguments.get("description")
    description = str(described.value) if isinstance(described, ast.Constant) else ""
    return WrittenOption(name, description, values)
