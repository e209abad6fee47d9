"""Models that the targets ask, made once a process."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from words import words_file

from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

FOLDER = tempfile.TemporaryDirectory()


@functools.cache
def ngram_path() -> Path:
    folder = Path(FOLDER.name)
    recipe = Recipe(corpus=words_file(folder), model="ngram", options={"order": 2})
    path = folder / "m.safetensors"
    train(plan(recipe)).checkpoint.save(path)
    return path


@functools.cache
def ngram() -> TextModel:
    return TextModel(Checkpoint.load(ngram_path()))
