"""Metadata: everything in a checkpoint that is not a tensor, as a JSON text that is a tree.

Plugins are named by entry-point name only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tokgen import registry
from tokgen.errors import RequestError
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import describe
from tokgen.training.recipe import Recipe
from tokgen.training.tensor_file import read_text

FORMAT = 1
STOPPED_AT = "stopped_at_step"
_FILE_AMONG_PLUGINS = "the file "


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelRecord(_Record):
    """A model and the whole models inside it."""

    name: str
    options: dict[str, Any]
    parts: dict[str, ModelRecord] = Field(default_factory=dict)

    def names(self) -> Iterator[str]:
        """The plugins' names: its own, then those of its parts."""
        yield self.name
        for part in self.parts.values():
            yield from part.names()

    def is_kept_by(self, other: ModelRecord) -> bool:
        """Whether another record says all that this one does.

        It may know options more: those that the plugin has been given since, at their defaults.
        """
        return (
            self.name == other.name
            and {**other.options, **self.options} == other.options
            and self.parts.keys() == other.parts.keys()
            and all(part.is_kept_by(other.parts[key]) for key, part in self.parts.items())
        )


class TokenizerRecord(_Record):
    """A tokenizer and its learnt state."""

    name: str
    options: dict[str, Any] = Field(default_factory=dict)
    state: dict[str, Any]


class CorpusRecord(_Record):
    """What the model was trained on."""

    name: str
    fingerprint: str
    column: str | None = None
    where: dict[str, str] = Field(default_factory=dict)
    documents: int


class Ancestor(_Record):
    """A checkpoint whose weights a training began with.

    Attributes:
        checkpoint: its path; None where it was in no file.
        fingerprint: of what it had learnt.
        steps: of its own training, the best.
    """

    checkpoint: str | None
    fingerprint: str
    corpus: str
    seed: int
    steps: float | None = None


class Metadata(_Record):
    """Everything in a checkpoint that is not a tensor.

    Attributes:
        columns: name -> values of what the model may be given; the first value has the id 1.
        plugins: "models:mlp" -> "tokgen 0.1.0": who had the plugins when this was written.
        plugin_files: "models:counts" -> the path of the Python file that defined the plugin; such a
            plugin was not installed and has no distribution.
        metrics: losses (nats per token, terminator counted; null: infinite), steps and seconds of
            the training; `stopped_at_step` where Ctrl-C ended it early.
        ancestors: the checkpoints that its training went on from, the first one first; none where
            it began with random weights.
    """

    format: int
    model: ModelRecord
    tokenizer: TokenizerRecord
    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    corpus: CorpusRecord
    recipe: Recipe
    plugins: dict[str, str]
    plugin_files: dict[str, str] = Field(default_factory=dict)
    metrics: dict[str, float | None] = Field(default_factory=dict)
    ancestors: tuple[Ancestor, ...] = ()

    @property
    def untrained(self) -> bool:
        """Whether its weights are the random ones that a training begins with."""
        steps = self.metrics.get("steps", self.model.options.get("steps"))
        return not self.ancestors and steps == 0

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C ended the training early."""
        return STOPPED_AT in self.metrics

    @model_validator(mode="before")
    @classmethod
    def _with_files_apart(cls, tree: Any) -> Any:
        """A file was once written among `plugins`, as "the file mine.py"."""
        plugins = tree.get("plugins") if isinstance(tree, dict) else None
        if not isinstance(plugins, dict):
            return tree
        files = {
            key: owner.removeprefix(_FILE_AMONG_PLUGINS)
            for key, owner in plugins.items()
            if isinstance(owner, str) and owner.startswith(_FILE_AMONG_PLUGINS)
        }
        if not files:
            return tree
        installed = {key: owner for key, owner in plugins.items() if key not in files}
        return {**tree, "plugins": installed, "plugin_files": files}


def read_metadata(path: Path) -> Metadata:
    """What a checkpoint says of itself, without its tensors and without loading a plugin.

    Raises:
        RequestError: as `Checkpoint.load`.
    """
    return parse_metadata(read_text(path), repr(str(path)))


def parse_metadata(text: str, source: str) -> Metadata:
    """The metadata that a checkpoint's text says; `source` is how a sentence names the checkpoint.

    Raises:
        RequestError: it says something else.
    """
    try:
        tree = json.loads(text)
        found = tree["format"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise RequestError(f"{source} was not written by tokgen.") from None
    if found != FORMAT:
        raise RequestError(
            f"The checkpoint {source} has format {found}; this tokgen reads format {FORMAT}."
        )
    try:
        return Metadata.model_validate(tree)
    except ValidationError as invalid:
        raise RequestError(describe(invalid, Metadata, f"The checkpoint {source}")) from None


def record(name: str, model: LanguageModel) -> ModelRecord:
    """The record of a model under its plugin name; its parts' names are looked up."""
    parts = {
        key: record(registry.name_of_model(type(part)), part) for key, part in model.parts.items()
    }
    return ModelRecord(name=name, options=model.options.model_dump(mode="json"), parts=parts)
