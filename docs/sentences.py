"""Every sentence that tokgen says, in one text to read from top to bottom: `nox -s sentences`.

First what commands say of themselves, then the sentences in the code (errors, tables, notes of a
session) by file and line, then the docstrings of the public names and of their members. What an
f-string fills in is written as `{…}`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from tokgen.cli import COMMANDS, GROUPS, application

ROOT = Path(__file__).parents[1]
FOLDERS = ("tokgen", "plugins", "corpora")
PUBLIC = ("tokgen", "tokgen.plugin_api", "tokgen.plugin_api.torch", "tokgen.testing")
WORDS = re.compile(r"[A-Za-z]{2,}[,;:]? +\S*[A-Za-z]{2,}")
FILLED = re.compile(r"(\{…\}\W*)+")


def helps() -> Iterator[str]:
    """What each command prints with `--help`."""
    app = application([*COMMANDS, *GROUPS])
    groups = get_command(app).commands  # type: ignore[attr-defined]
    for name, command in groups.items():
        for path in [[name], *([name, inner] for inner in getattr(command, "commands", ()))]:
            yield CliRunner().invoke(app, [*path, "--help"]).output


def text_of(node: ast.expr) -> str:
    """A string as it is written, or empty."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "{…}" for part in node.values)
    return ""


def docstrings_in(tree: ast.AST) -> set[int]:
    """The nodes that are docstrings."""
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def sentences_in(path: Path) -> Iterator[str]:
    """Strings of more than one word, with their lines, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = docstrings_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skipped:
            text = " ".join(text_of(node).split())
            if WORDS.search(FILLED.sub("", text)):
                yield f"{node.lineno:>5}  {text}"


def docstrings() -> Iterator[str]:
    """What `help` says of each public name that is defined in tokgen itself, each once."""
    said = set()
    for module in PUBLIC:
        found = importlib.import_module(module)
        yield f"{module}\n\n{inspect.getdoc(found)}\n"
        for name in getattr(found, "__all__", ()):
            public = getattr(found, name)
            if str(getattr(public, "__module__", "")).startswith("tokgen") and public not in said:
                said.add(public)
                yield f"{module}.{name}\n\n{inspect.getdoc(public)}\n"
                yield from members(public, name)


def members(public: object, name: str) -> Iterator[str]:
    """The docstrings of the methods and properties that a public class defines itself."""
    for member, value in vars(public).items() if inspect.isclass(public) else ():
        is_descriptor = hasattr(type(value), "__get__")
        says = inspect.getdoc(value) if is_descriptor and not member.startswith("_") else None
        if says:
            yield f"{name}.{member}\n\n{says}\n"


def sections() -> Iterator[str]:
    """All of it, under headings."""
    yield "# Help of commands\n"
    yield from helps()
    yield "# Sentences in the code\n"
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found = list(sentences_in(path))
            if found and "templates" not in path.parts:
                yield "\n".join([str(path.relative_to(ROOT)), *found, ""])
    yield "# Docstrings of public names\n"
    yield from docstrings()


if __name__ == "__main__":
    print("\n".join(sections()))
