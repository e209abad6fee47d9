"""Checkpoint: one file of tensors with a JSON text that is a tree.

Plugins are named by entry-point name only; names, shapes and dtypes are checked before a tensor is
used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tokgen import registry
from tokgen.arrays import Arrays
from tokgen.errors import RequestError
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import describe, parse_options
from tokgen.plugin_api.tokenizer import Tokenizer, Vocabulary
from tokgen.training.recipe import Recipe
from tokgen.training.tensor_file import read_tensors, read_text, write_tensors

FORMAT = 1
_PART_SEPARATOR = "/"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelRecord(_Record):
    """A model and the whole models inside it; its tensors are named by the path to it."""

    name: str
    options: dict[str, Any]
    parts: dict[str, ModelRecord] = Field(default_factory=dict)


class TokenizerRecord(_Record):
    """A tokenizer and its learnt state."""

    name: str
    options: dict[str, Any] = Field(default_factory=dict)
    state: dict[str, Any]


class CorpusRecord(_Record):
    """What the model was trained on."""

    name: str
    fingerprint: str
    where: dict[str, str] = Field(default_factory=dict)
    documents: int


class Metadata(_Record):
    """Everything in a checkpoint that is not a tensor.

    Attributes:
        plugins: "models:mlp" -> "tokgen 0.1.0": who had the plugins when this was written.
        metrics: losses (nats per token, terminator counted), steps and seconds of the training.
    """

    format: int
    model: ModelRecord
    tokenizer: TokenizerRecord
    corpus: CorpusRecord
    recipe: Recipe
    plugins: dict[str, str]
    metrics: dict[str, float] = Field(default_factory=dict)


class Checkpoint:
    """A fitted model with its tokenizer and its history; loaded, or about to be saved."""

    def __init__(self, model: LanguageModel, tokenizer: Tokenizer, metadata: Metadata) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.metadata = metadata

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a checkpoint.

        Raises:
            RequestError: there is no such file, or it is not a checkpoint that this can read.
            PluginError: a plugin that it names fails.
        """
        metadata = read_metadata(path)
        arrays = read_tensors(path)
        try:
            tokenizer_class = _plugin(
                registry.load_tokenizer, "tokenizers", metadata, metadata.tokenizer.name
            )
            tokenizer = tokenizer_class.from_json(metadata.tokenizer.state)
            model = _build(metadata.model, metadata, tokenizer.vocabulary, arrays, "")
        except (ValueError, KeyError, TypeError) as error:
            raise RequestError(
                f"The checkpoint {str(path)!r} does not fit together: {error}"
            ) from None
        return cls(model, tokenizer, metadata)

    def save(self, path: Path) -> None:
        """Write the checkpoint, whole or not at all.

        Raises:
            TokgenError: it cannot be written there.
        """
        tensors = dict(_tensors(self.model, ""))
        write_tensors(path, tensors, self.metadata.model_dump_json())


def read_metadata(path: Path) -> Metadata:
    """What a checkpoint says of itself, without its tensors and without loading a plugin.

    Raises:
        RequestError: as `Checkpoint.load`.
    """
    try:
        tree = json.loads(read_text(path))
        found = tree["format"]
    except (KeyError, TypeError, ValueError):
        raise RequestError(f"{str(path)!r} was not written by tokgen.") from None
    if found != FORMAT:
        raise RequestError(
            f"The checkpoint {str(path)!r} has format {found}; this tokgen reads format {FORMAT}."
        )
    try:
        return Metadata.model_validate(tree)
    except ValidationError as invalid:
        raise RequestError(describe(invalid, Metadata, f"The checkpoint {str(path)!r}")) from None


def tensor_shapes(model: LanguageModel) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor by the name that it has in a checkpoint."""
    return {name: np.shape(array) for name, array in _tensors(model, "")}


def record(name: str, model: LanguageModel) -> ModelRecord:
    """The record of a model under its plugin name; its parts' names are looked up."""
    parts = {
        key: record(registry.name_of_model(type(part)), part) for key, part in model.parts.items()
    }
    return ModelRecord(name=name, options=model.options.model_dump(mode="json"), parts=parts)


def _tensors(model: LanguageModel, path: str) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    for name, array in model.arrays().items():
        yield path + name, array
    for name, part in model.parts.items():
        yield from _tensors(part, path + name + _PART_SEPARATOR)


def _build(
    node: ModelRecord, metadata: Metadata, vocabulary: Vocabulary, arrays: Arrays, path: str
) -> LanguageModel:
    model_class = _plugin(registry.load_model, "models", metadata, node.name)
    options = parse_options(
        model_class.Options, node.options, f"The checkpoint's model {node.name!r}"
    )
    parts = {
        name: _build(part, metadata, vocabulary, arrays, path + name + _PART_SEPARATOR)
        for name, part in node.parts.items()
    }
    inner = tuple(path + name + _PART_SEPARATOR for name in node.parts)
    own = {
        key.removeprefix(path): array
        for key, array in arrays.items()
        if key.startswith(path) and not key.startswith(inner)
    }
    return model_class.from_arrays(options, vocabulary, own, parts)


def _plugin(loader: Any, kind: registry.Kind, metadata: Metadata, name: str) -> Any:
    try:
        return loader(name)
    except RequestError as missing:
        had = metadata.plugins.get(f"{kind}:{name}")
        raise RequestError(f"{missing} The checkpoint had it from {had}.") from None
