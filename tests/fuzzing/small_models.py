"""Models that the targets ask, made once a process."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

from overlapping import Overlapping, table_model, text_model
from small_tokenizers import WITHOUT_PIECES
from words import WORDS, words_file

from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept import kept_path
from tokgen.training.kept_models import KeptModel, kept_models
from tokgen.training.metadata import read_metadata
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

FOLDER = tempfile.TemporaryDirectory()


@functools.cache
def corpus_path(count: int = len(WORDS)) -> str:
    """A file of so many words."""
    folder = Path(FOLDER.name) / f"{count}"
    folder.mkdir()
    return words_file(folder, WORDS[:count])


def _trained(model: str, options: dict[str, int], **settings: Any) -> Path:
    path = Path(FOLDER.name) / f"{model}{len(settings)}.safetensors"
    recipe = Recipe(**{"corpus": corpus_path(), "model": model, "options": options, **settings})
    train(plan(recipe)).checkpoint.save(path)
    return path


def kept() -> list[KeptModel]:
    """What stands in the user's folders: an n-gram and an MLP of the words."""
    for made in (ngram_path(), mlp_path()):
        path = kept_path(plan(read_metadata(made).recipe))
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made, path)
    return kept_models()


@functools.cache
def ngram_path() -> Path:
    return _trained("ngram", {"order": 2})


@functools.cache
def mlp_path() -> Path:
    return _trained("mlp", {"steps": 20, "hidden": 8})


@functools.cache
def gru_path() -> Path:
    """A model that reads all tokens, so that conditions are met by rejection."""
    return _trained("gru", {"steps": 20, "hidden": 8})


@functools.cache
def told_path() -> Path:
    """A model that is told a column; of its words one is in capitals."""
    table = Path(FOLDER.name) / "coloured.csv"
    rows = [f"{word},{'red' if word[0] in 'bd' else 'white'}\n" for word in WORDS]
    table.write_text("".join(["word,colour\n", *rows, "NABILA,white\n"]))
    settings = {"corpus": str(table), "column": "word", "condition_on": ("colour",)}
    return _trained("mlp", {"steps": 20, "hidden": 8}, **settings)


@functools.cache
def overlapping() -> TextModel:
    """A model whose texts have several spellings in tokens."""
    return text_model(table_model(Overlapping(), 5), Overlapping())


@functools.cache
def without_pieces() -> TextModel:
    """A model whose tokenizer does more than to put pieces together."""
    return text_model(table_model(WITHOUT_PIECES), WITHOUT_PIECES)


@functools.cache
def ngram() -> TextModel:
    return TextModel(Checkpoint.load(ngram_path()))
