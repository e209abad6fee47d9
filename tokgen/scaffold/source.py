"""source: the one file of Python in which a plugin is written, with the author's names in it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from importlib.resources import files

from tokgen.errors import RequestError
from tokgen.scaffold.kinds import COMMAND, Kind
from tokgen.scaffold.names import Names


def template(name: str) -> str:
    """The text of a template."""
    return (files("tokgen.scaffold") / "templates" / name).read_text(encoding="utf-8")


def source_of(kind: Kind, names: Names) -> str:
    """The source of a plugin that is installed: its entry point says what it is called.

    Raises:
        RequestError: the class would have a name that the source needs for something else.
        ValueError: plugins of this kind have no source.
    """
    if kind.template is None:
        raise ValueError(f"a {kind.name} has no source")
    original, stand_in = template(kind.template), Names(kind.stand_in)
    if names.class_name in _identifiers(original) - {stand_in.class_name}:
        raise RequestError(
            f"The class of {names.plugin!r} would be {names.class_name}, a name that its source "
            "needs for something else: choose another name."
        )
    return names.in_place_of(stand_in, original)


def single_file_of(kind: Kind, names: Names) -> str:
    """The source of a plugin in a file that is not installed, whose class says its name.

    Raises:
        RequestError: as `source_of`.
    """
    source = source_of(kind, names)
    if kind.name == COMMAND or names.plugin == _snake_case(names.class_name):
        return source
    lines = source.splitlines(keepends=True)
    lines[_after_docstring(source, names.class_name)] += f'\n    name = "{names.plugin}"\n'
    return "".join(lines)


def _identifiers(source: str) -> set[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def _snake_case(class_name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", class_name).lower()


def _after_docstring(source: str, class_name: str) -> int:
    """The index of the last line of the docstring of a class."""
    classes = [each for each in ast.parse(source).body if isinstance(each, ast.ClassDef)]
    docstring = next(each for each in classes if each.name == class_name).body[0]
    return int(docstring.end_lineno or docstring.lineno) - 1
