"""The command that is told after Ctrl-C goes on with the training that was stopped."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from words import words_file

from tokgen import registry
from tokgen.cli import application
from tokgen.cli.resuming import resume_command
from tokgen.plugin_api.fit_run import Snapshot
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.place import begun_anew
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.trained import Unfinished
from tokgen.unit import Unit

MODEL = """
from small_plugins import Bigram

class Mine(Bigram):
    pass
"""
RECIPES = {
    "file": {"corpus": "a file.txt"},
    "deduplicated": {"corpus": "a file.txt", "deduplicate": True},
    "filtered": {"corpus": "indian-names", "where": {"origin": "tamil", "gender": "f"}},
    "tokenizer": {"corpus": "a file.txt", "tokenizer": "pairs:count=2"},
}


@pytest.fixture
def model(small_plugins, tmp_path, monkeypatch):
    """A model from a file, so that the command must name the file."""
    monkeypatch.chdir(tmp_path)
    Path(words_file(tmp_path)).rename("a file.txt")
    with Path("a file.txt").open("a") as words:
        words.write("twice\ntwice\n")
    Path("my model.py").write_text(MODEL)
    registry.add_file("my model.py")
    return "mine"


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("output", [None, Path("m 1.safetensors")])
def test_it_goes_on(model, recipe, output):
    begun = begun_anew(plan(Recipe(model=model, seed=5, **RECIPES[recipe])), output)
    begun.check_place()
    begun.keep(Unfinished(Snapshot(), (), {}, 0.0))
    assert begun.is_kept
    program, *arguments = shlex.split(resume_command(begun))
    assert program == "tokgen"
    assert arguments[-2:] == ["--plugin", str(Path("my model.py").resolve())]
    application(["train"])(arguments, standalone_mode=False)
    assert Checkpoint.load(begun.path).metadata.recipe == begun.plan.recipe
    assert not begun.has_unfinished


def test_it_shows_what_was_asked_for(model):
    begun = begun_anew(plan(Recipe(model=model, **RECIPES["file"])), Path("m.safetensors"))
    shown = {"--plot": Path("my losses.svg"), "--unit": Unit.bits, "--json": None}
    command = resume_command(begun, shown)
    assert command.endswith(" --plot 'my losses.svg' --unit bits")
    assert resume_command(begun, {"--json": True}) == f"{resume_command(begun)} --json"
