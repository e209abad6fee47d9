"""Recipe: everything that decides what a training makes. Flags and YAML say the same things."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tokgen import registry
from tokgen.corpus.card import open_package
from tokgen.corpus.once import is_standard_input
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.errors import RequestError, did_you_mean
from tokgen.paths import is_there
from tokgen.plugin_api.options import describe
from tokgen.yaml_table import read_yaml_table

Device = Literal["auto", "cpu", "cuda", "mps"]


class Recipe(BaseModel):
    """What to train, on what, and how. It goes into the checkpoint whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str = Field(default=DEFAULT_CORPUS, description="a corpus plugin or a text file")
    column: str | None = Field(
        default=None, description="of a CSV or TSV file, the column that holds the documents"
    )
    where: dict[str, str] = Field(
        default_factory=dict, description="rows of a corpus with columns: column -> value"
    )
    deduplicate: bool = Field(default=False, description="keep only the first of equal documents")
    condition_on: list[str] = Field(
        default_factory=list, description="columns of the corpus whose values the model is told"
    )
    tokenizer: str | None = Field(
        default=None, description="tokenizer as NAME:key=value; default: the corpus card's"
    )
    model: str | None = Field(
        default=None, description="model plugin; default: the card's, or by a file's size"
    )
    options: dict[str, Any] = Field(default_factory=dict, description="the model's options")
    from_checkpoint: str | None = Field(
        default=None, description="a checkpoint file whose weights the training begins with"
    )
    seed: int = Field(
        default=0, ge=0, lt=2**64, description="random seed: the same one gives the same model"
    )
    refit: bool = Field(
        default=False,
        description="train once more on train and validation together, for the steps found",
    )
    device: Device = Field(
        default="auto", description="device of the training: auto, cpu, cuda or mps"
    )


def recipe_of(**settings: Any) -> Recipe:
    """The recipe with these settings, by name.

    Raises:
        RequestError: a value does not fit.
    """
    try:
        return Recipe(**settings)
    except ValidationError as invalid:
        raise RequestError(describe(invalid, Recipe, "The training")) from None


def read_recipe(path: Path) -> dict[str, Any]:
    """The settings in a recipe file, checked one by one against `Recipe`, but not completed.

    A corpus that is a file, and a checkpoint, are relative to the recipe's folder.

    Raises:
        RequestError: naming the file, the line and the key that is wrong.
    """
    table = read_yaml_table(path)
    try:
        Recipe.model_validate(table.values)
    except ValidationError as invalid:
        line = table.line_of([str(part) for part in invalid.errors()[0]["loc"]])
        raise RequestError(
            describe(invalid, Recipe, f"The recipe {str(path)!r} (line {line})")
        ) from None
    values = dict(table.values)
    if "corpus" in values:
        values["corpus"] = _seen_from(path, values["corpus"])
    if values.get("from_checkpoint") is not None:
        values["from_checkpoint"] = str(path.parent / values["from_checkpoint"])
    return values


def find_recipe(named: Path) -> Path:
    """A recipe's file: the one of this name, or `indian-names/gru`, one that a corpus comes with.

    Raises:
        RequestError: the corpus comes with no recipe of that name.
        PluginError: the corpus is not in order.
    """
    corpus, name = named.parent.as_posix(), named.name
    if is_there(named) or corpus not in registry.names("corpora"):
        return named
    recipes = open_package(corpus).recipes()
    if name not in recipes:
        hint = did_you_mean(name, recipes) or " It comes with none."
        raise RequestError(f"The corpus {corpus!r} comes with no recipe {name!r}.{hint}")
    return recipes[name]


def _seen_from(recipe: Path, corpus: str) -> str:
    """A corpus as a recipe names it: a plugin, standard input, or a file beside the recipe."""
    if corpus in registry.names("corpora") or is_standard_input(corpus):
        return corpus
    return str(recipe.parent / corpus)


def setting_line(path: Path, keys: list[str]) -> int:
    """The line of a recipe file at which the innermost of nested `keys` stands."""
    return read_yaml_table(path).line_of(keys)
