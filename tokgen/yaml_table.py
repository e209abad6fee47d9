"""A YAML file that is one table: a corpus card or a recipe, as people write them by hand.

Only what such a file needs is read. An alias, a tag, a key that is given twice or more than
`DEEPEST` levels inside each other are refused, since a few bytes of them can stand for gigabytes
or hide what counts.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tokgen.errors import RequestError
from tokgen.reading import read_utf8

LARGEST_TABLE = 1 << 16
DEEPEST = 20


@dataclass(frozen=True)
class YamlTable:
    """The keys and values of a file, and where each stands."""

    path: Path
    values: dict[str, Any]
    node: yaml.Node | None

    def line_of(self, keys: list[str]) -> int:
        """The line of the innermost of nested `keys` that the file has, counted from 1."""
        line, node = 1, self.node
        for key in keys:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = [(name, value) for name, value in pairs if str(name.value) == key]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        return line


def read_yaml_table(path: Path) -> YamlTable:
    """Read a file of at most 64 KiB.

    Raises:
        RequestError: naming the file and the line: it is not YAML, no table, or more than a table
            of plain values.
    """
    text = read_utf8(path, LARGEST_TABLE).decode("utf-8-sig")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        is_table = isinstance(node, yaml.MappingNode)
        values = loader.construct_document(node) if is_table else {}
    except _RefusedError as refused:
        raise RequestError(f"{str(path)!r}, line {refused.line}: {refused}.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}," if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", "it cannot be read")
        raise RequestError(f"{str(path)!r}{where} is not YAML: {problem}.") from None
    except ValueError as error:
        # Python's own sentence says how a program would raise its limit.
        is_long = str(error).startswith("Exceeds the limit")
        most = f"an integer has more than {sys.get_int_max_str_digits():,} digits"
        problem = most if is_long else error
        raise RequestError(f"{str(path)!r} holds a value that cannot be read: {problem}.") from None
    if not is_table or not all(isinstance(key, str) for key in values):
        raise RequestError(f"{str(path)!r} is not a table of keys and values.")
    return YamlTable(path, values, node)


class _RefusedError(Exception):
    """What is YAML, and more than a hand-written table needs."""

    def __init__(self, problem: str, at: Any) -> None:
        super().__init__(problem)
        self.line = at.start_mark.line + 1


class _Loader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError("an alias (*name) is not read here", event)
        if getattr(event, "tag", None) is not None:
            raise _RefusedError("a tag (!name) is not read here", event)
        if self.depth == DEEPEST:
            raise _RefusedError(f"more than {DEEPEST} levels stand inside each other", event)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in seen:
                raise _RefusedError(f"the key {key.value!r} is given twice", key)
            seen.add((key.tag, str(key.value)))
        return node
