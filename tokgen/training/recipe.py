"""Recipe: everything that decides what a training makes. Flags and YAML say the same things."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tokgen.defaults import DEFAULT_CORPUS
from tokgen.errors import RequestError
from tokgen.plugin_api.options import describe
from tokgen.reading import read_utf8

Device = Literal["auto", "cpu", "cuda", "mps"]


LARGEST_RECIPE = 1 << 20


class Recipe(BaseModel):
    """What to train, on what, and how. It goes into the checkpoint whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str = Field(default=DEFAULT_CORPUS, description="a corpus plugin or a text file")
    where: dict[str, str] = Field(
        default_factory=dict, description="rows of a corpus with columns: column -> value"
    )
    deduplicate: bool = Field(default=False, description="keep only the first of equal documents")
    condition_on: list[str] = Field(
        default_factory=list, description="columns of the corpus whose values the model is told"
    )
    tokenizer: str | None = Field(
        default=None, description="as NAME:key=value; default: the corpus card's"
    )
    model: str | None = Field(default=None, description="default: the corpus card's")
    options: dict[str, Any] = Field(default_factory=dict, description="the model's options")
    seed: int = Field(default=0, ge=0, lt=2**64, description="all randomness follows from it")
    refit: bool = Field(
        default=False,
        description="repeat the run on train and validation together, for the steps found",
    )
    device: Device = Field(default="auto", description="auto, cpu, cuda or mps")


def read_recipe(path: Path) -> dict[str, Any]:
    """The settings in a recipe file, checked one by one against `Recipe`, but not completed.

    Raises:
        RequestError: naming the file, the line and the key that is wrong.
    """
    text = read_utf8(path, LARGEST_RECIPE).decode("utf-8-sig")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise RequestError(f"{str(path)!r}{where}: not YAML: {problem}.") from None
    if not isinstance(content, dict):
        raise RequestError(f"{str(path)!r}: a recipe is a table of keys and values.")
    try:
        Recipe.model_validate(content)
    except ValidationError as invalid:
        keys = [str(part) for part in invalid.errors()[0]["loc"]]
        line = line_of(node, keys)
        raise RequestError(describe(invalid, Recipe, f"{str(path)!r}, line {line}")) from None
    return content


def setting_line(path: Path, keys: list[str]) -> int:
    """The line of a recipe file at which the innermost of nested `keys` stands."""
    text = read_utf8(path, LARGEST_RECIPE).decode("utf-8-sig")
    return line_of(yaml.compose(text, Loader=yaml.SafeLoader), keys)


def line_of(node: yaml.Node | None, keys: list[str]) -> int:
    """The line of the innermost of nested `keys` that occurs below `node`, counted from 1."""
    line = 1
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = [(name, value) for name, value in pairs if str(name.value) == key]
        if not found:
            break
        line, node = found[0][0].start_mark.line + 1, found[0][1]
    return line
