"""Card: what a corpus package says of itself in `corpus.yaml`. Data only: a corpus runs no code."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tokgen import registry
from tokgen.defaults import DEFAULT_MODEL, DEFAULT_TOKENIZER
from tokgen.errors import PluginError, RequestError, did_you_mean
from tokgen.paths import is_there
from tokgen.plugin_api.options import describe
from tokgen.yaml_table import read_yaml_table


class DataFile(BaseModel):
    """The corpus' data: one document a line, or tab-separated columns below a header line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(description="path inside the package")
    sha256: str = Field(description="of the file's bytes", pattern="^[0-9a-f]{64}$")
    rows: int = Field(description="how many documents there are", ge=1)
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="meaning of each column after the first, which holds the document",
    )


class Card(BaseModel):
    """The contents of `corpus.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokgen_api: int = Field(description="version of this format")
    title: str
    license: str
    language: str
    source: str = Field(description="where the documents come from, in a sentence")
    tokenizer: str = DEFAULT_TOKENIZER
    model: str = Field(default=DEFAULT_MODEL, description="the default model")
    data: DataFile
    checkpoints: dict[str, str] = Field(
        default_factory=dict,
        description="model name, or a name of its own -> path of a shipped checkpoint",
    )
    given: str | None = Field(
        default=None, description="which of the checkpoints is told what is given of a document"
    )

    @model_validator(mode="after")
    def _given_is_shipped(self) -> Card:
        if self.given is not None and self.given not in self.checkpoints:
            hint = did_you_mean(self.given, self.checkpoints) or " It lists none."
            said = f"the key 'given' names no checkpoint of the card: {self.given!r}.{hint}"
            raise ValueError(said.removesuffix("."))
        return self


@dataclass(frozen=True)
class CorpusPackage:
    """A corpus plugin located on disk, its card read and checked, its package not imported."""

    found: registry.FoundPlugin
    folder: Path
    card: Card

    def path(self, relative: str) -> Path:
        """A file of the package.

        Raises:
            PluginError: the path leaves the package or there is no such file.
        """
        path = (self.folder / relative).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise PluginError(
                f"The {self.found.display_name} points outside its package: {relative!r}."
            )
        # Of a name that is too long for any file `is_file` raises.
        if not is_there(path) or not path.is_file():
            raise PluginError(f"The {self.found.display_name} lacks its file {relative!r}.")
        return path

    def recipes(self) -> dict[str, Path]:
        """The recipes that the corpus comes with: `recipes/gru.yaml` beside its card is `gru`."""
        return {path.stem: path for path in sorted(self.folder.glob("recipes/*.yaml"))}


def open_package(name: str) -> CorpusPackage:
    """Locate a corpus plugin and read its card.

    Raises:
        RequestError: there is no such corpus.
        PluginError: its package or card is not in order.
    """
    found = registry.find("corpora", name)
    package, _, file = found.reference.partition(":")
    folder = _folder(found, package.strip())
    path = folder / file.strip()
    try:
        content = read_yaml_table(path).values
    except RequestError as error:
        raise PluginError(f"The {found.display_name}: {error}") from error
    return CorpusPackage(found, folder, _checked(found, folder, content))


def _folder(found: registry.FoundPlugin, package: str) -> Path:
    if "." in package:
        raise PluginError(
            f"The {found.display_name} must name a top-level package, not {package!r}."
        )
    # Finding a top-level package imports nothing, so a corpus never runs code.
    specification = importlib.util.find_spec(package)
    places = specification.submodule_search_locations if specification else None
    if not places:
        raise PluginError(
            f"The {found.display_name} is not installed completely: it lacks the package "
            f"{package!r}."
        )
    return Path(next(iter(places)))


def _checked(found: registry.FoundPlugin, folder: Path, content: dict[str, Any]) -> Card:
    registry.check_api_number(found, content.get("tokgen_api"))
    try:
        return Card.model_validate(content)
    except ValidationError as invalid:
        said = describe(invalid, Card, f"The card of the {found.display_name}")
        if "'data.sha256'" in said:
            said += _hash_told(folder, content["data"].get("file"))
        raise PluginError(said) from None


def _hash_told(folder: Path, file: Any) -> str:
    """What the card's author has to write, as far as there is such a file."""
    path = folder / file if isinstance(file, str) else folder
    inside = is_there(path) and path.resolve().is_relative_to(folder.resolve())
    if not (inside and path.is_file()):
        return ""
    with path.open("rb") as data:
        return f" The sha256 of {file} is {hashlib.file_digest(data, 'sha256').hexdigest()}."
