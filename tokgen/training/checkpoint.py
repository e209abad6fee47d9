"""Checkpoint: a fitted model with its tokenizer and its history, in one file.

Names, shapes and dtypes are checked before a tensor is used. What is saved is read back and
compared before it takes the place of what was there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tokgen import registry
from tokgen.arrays import Arrays
from tokgen.errors import PluginError, RequestError, TokgenError
from tokgen.files import writing_whole
from tokgen.inputs import reads
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import parse_options
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.training.metadata import (
    Metadata,
    ModelRecord,
    parse_metadata,
    read_metadata,
    record,
)
from tokgen.training.tensor_file import as_file, of_file, read_tensors
from tokgen.training.tensor_names import PartPath, all_arrays, arrays_by_model


class LacksPluginError(RequestError):
    """A plugin that a checkpoint was made with is not there."""


class Checkpoint:
    """A fitted model with its tokenizer and its history; loaded, or about to be saved."""

    def __init__(self, model: LanguageModel, tokenizer: Tokenizer, metadata: Metadata) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.metadata = metadata

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a checkpoint.

        Raises:
            RequestError: there is no such file, or it is not a checkpoint that this can read.
            PluginError: a plugin that it names fails.
        """
        path = Path(path)
        metadata, arrays = read_metadata(path), read_tensors(path)
        try:
            tokenizer = _load_tokenizer(metadata)
            loaded = cls(_load_model(metadata, tokenizer, arrays), tokenizer, metadata)
        except TokgenError:
            raise
        except (ValueError, KeyError, TypeError) as error:
            raise RequestError(
                f"The checkpoint {str(path)!r} does not fit together: {error}"
            ) from None
        reads(path)
        return loaded

    def save(self, path: str | Path) -> None:
        """Write the checkpoint, read it back and compare; only then it is what `path` holds.

        A device or a pipe is written without being read back.

        Raises:
            TokgenError: it cannot be written there.
            PluginError: what is read back is not what was written.
        """
        with writing_whole(Path(path), check=self._check_written) as file:
            file.write(self.content())

    @classmethod
    def of_content(cls, content: bytes) -> Self:
        """The checkpoint whose `content` this is."""
        text, arrays = of_file(content)
        metadata = parse_metadata(text, "that was sent")
        tokenizer = _load_tokenizer(metadata)
        return cls(_load_model(metadata, tokenizer, arrays), tokenizer, metadata)

    def read_back(self) -> Checkpoint:
        """The checkpoint as whoever loads it will have it; no file is written.

        Raises:
            RequestError: it holds what no checkpoint can.
            PluginError: as `save`.
        """
        text, arrays = of_file(self.content())
        return self._checked_copy(parse_metadata(text, "that was trained"), arrays)

    def content(self) -> bytes:
        """What a file with this checkpoint holds."""
        return as_file(all_arrays(self.model), self.metadata.model_dump_json())

    def _check_written(self, path: Path) -> None:
        self._checked_copy(read_metadata(path), read_tensors(path))

    def _checked_copy(self, metadata: Metadata, arrays: Arrays) -> Checkpoint:
        """The checkpoint that has been read back, compared with this one."""
        with _reading_back("tokenizers", metadata.tokenizer.name):
            tokenizer = _load_tokenizer(metadata)
        with _reading_back("models", metadata.model.name):
            model = _load_model(metadata, tokenizer, arrays)
        copy = Checkpoint(model, tokenizer, metadata)
        if _state(copy) != _state(self):
            said = f"The {_display_name('tokenizers', metadata.tokenizer.name)}"
            raise PluginError(f"{said} is not what it was when it is read back.")
        different = _first_difference(all_arrays(self.model), all_arrays(model))
        is_kept = metadata.model.is_kept_by(record(metadata.model.name, model))
        if different is not None or not is_kept:
            what = "options" if different is None else f"tensor {different!r}"
            said = f"The {_display_name('models', metadata.model.name)}"
            raise PluginError(f"{said} has another {what} when it is read back.")
        return copy


def _load_tokenizer(metadata: Metadata) -> Tokenizer:
    name = metadata.tokenizer.name
    tokenizer_class = _plugin(registry.load_tokenizer, "tokenizers", metadata, name)
    tokenizer: Tokenizer = tokenizer_class.from_json(metadata.tokenizer.state)
    return tokenizer


def _load_model(metadata: Metadata, tokenizer: Tokenizer, arrays: Arrays) -> LanguageModel:
    vocabulary = tokenizer.vocabulary.with_columns(metadata.columns)
    found = arrays_by_model(arrays)
    model = _build(metadata.model, metadata, vocabulary, found, ())
    if found:
        raise ValueError(f"there are tensors of parts that it does not have: {sorted(found)}")
    return model


def _build(
    node: ModelRecord,
    metadata: Metadata,
    vocabulary: Vocabulary,
    found: dict[PartPath, Arrays],
    path: PartPath,
) -> LanguageModel:
    """The model of a record; its arrays and its parts' are taken out of what was found."""
    model_class = _plugin(registry.load_model, "models", metadata, node.name)
    options = parse_options(
        model_class.Options, node.options, f"The checkpoint's model {node.name!r}"
    )
    own = vocabulary_for(model_class, vocabulary)
    parts = {
        name: _build(part, metadata, own, found, (*path, name)) for name, part in node.parts.items()
    }
    model: LanguageModel = model_class.from_arrays(options, own, found.pop(path, {}), parts)
    return model


def vocabulary_for(model_class: type[LanguageModel], vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary that a model of this kind is made with: a part may read no columns."""
    return vocabulary if model_class.reads_given else vocabulary.with_columns({})


def _plugin(loader: Any, kind: registry.Kind, metadata: Metadata, name: str) -> Any:
    try:
        return loader(name)
    except RequestError as missing:
        key = f"{kind}:{name}"
        if (file := metadata.plugin_files.get(key)) is not None:
            said = f"{missing} The checkpoint had it from the file {file!r}."
            raise LacksPluginError(said, field="plugin") from None
        had = metadata.plugins.get(key)
        raise LacksPluginError(f"{missing} The checkpoint had it from {had}.") from None


@contextmanager
def _reading_back(kind: registry.Kind, name: str) -> Iterator[None]:
    """A plugin that refuses what it saved itself is at fault, not the file."""
    try:
        yield
    except (ValueError, KeyError, TypeError) as error:
        said = f"The {_display_name(kind, name)} cannot read back what it saved: {error}"
        raise PluginError(f"{said.removesuffix('.')}.") from error


def _display_name(kind: registry.Kind, name: str) -> str:
    return registry.find(kind, name).display_name


def _state(checkpoint: Checkpoint) -> tuple[Vocabulary, str]:
    tokenizer = checkpoint.tokenizer
    return tokenizer.vocabulary, json.dumps(tokenizer.to_json(), sort_keys=True)


def _first_difference(written: Arrays, read: Arrays) -> str | None:
    """The first name under which not the same bits stand."""
    for name in [*written, *read]:
        if name not in written or name not in read:
            return name
        before, after = written[name], read[name]
        same_form = before.dtype == after.dtype and before.shape == after.shape
        if not same_form or before.tobytes() != after.tobytes():
            return name
    return None
