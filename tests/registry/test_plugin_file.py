"""`--plugin FILE`: plugins that are not installed."""

from __future__ import annotations

import pytest
from plugin_sources import UNIGRAM
from running import tokgen

from tokgen import registry
from tokgen.registry.plugin_file import snake_case

COUNTS = UNIGRAM.replace("    context_length", '    name = "counts"\n    context_length')
SAMPLERS = '''
import numpy as np
from tokgen.plugin_api import Field, PluginOptions, Sampler
from tokgen_samplers.temperature import Greedy


class MixUniform(Sampler):
    """Mix the distribution with the uniform one."""


    class Options(PluginOptions):
        """Options."""

        share: float = Field(ge=0, le=1, description="weight of the uniform distribution")

    def apply(self, logprobs, context):
        share, size = self.options.share, logprobs.shape[1]
        return np.log((1 - share) * np.exp(logprobs) + share / size)


class Unfinished(Sampler):
    """It lacks apply."""


class _Hidden(MixUniform):
    """Its name begins with an underscore."""
'''
SOURCE = SAMPLERS + COUNTS


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def forgotten(monkeypatch):
    monkeypatch.setattr("tokgen.registry.discovery._added", {})


@pytest.mark.usefixtures("forgotten")
def test_the_concrete_classes_of_the_file_itself_are_there(file):
    plugins = registry.add_file(file)
    assert [(each.kind, each.name) for each in plugins] == [
        ("samplers", "mix_uniform"),
        ("models", "counts"),
    ]
    assert plugins[0].display_name == "sampler 'mix_uniform' of the file mine.py"
    assert registry.load("samplers", "mix_uniform").found == plugins[0]
    assert registry.add_file(file) == plugins
    assert registry.added_files() == (str(file),)


@pytest.mark.parametrize(
    ("name", "snake"),
    [("MixUniform", "mix_uniform"), ("CharRNN", "char_rnn"), ("GPT2", "gpt2"), ("Top", "top")],
)
def test_names_of_classes_become_names_of_plugins(name, snake):
    assert snake_case(name) == snake


def test_it_samples_trains_and_opens(file, tmp_path):
    (row,) = tokgen(
        "next", "a", "--plugin", file, "--sampler", "mix_uniform:share=1", "--json"
    ).rows
    assert {round(each["prob"], 9) for each in row["next"]} == {round(1 / 27, 9)}
    words, made = tmp_path / "words.txt", tmp_path / "m.safetensors"
    words.write_text("ab\nba\naab\n" * 20)
    trained = tokgen(
        "train", "--plugin", file, "--corpus", words, "--model", "counts", "--output", made
    )
    assert trained.code == 0, trained.err
    (told,) = tokgen("info", "--checkpoint", made, "--plugin", file, "--json").rows
    assert told["plugin_files"] == {"models:counts": str(file)}
    assert told["plugins"].keys() == {"tokenizers:characters"}
    opened = tokgen("generate", "--checkpoint", made, "--plugin", file, "-n", 2, "--seed", 1)
    assert (opened.code, len(opened.out.splitlines())) == (0, 2)
    without = tokgen("generate", "--checkpoint", made, "-n", 2, "--seed", 1)
    assert without.code == 2
    assert f"The checkpoint had it from the file {str(file)!r}." in without.err
    assert "--plugin FILE brings the plugins of a file." in without.err


def test_it_is_listed_shown_and_checked(file):
    rows = tokgen("plugins", "list", "--plugin", file, "--json").rows
    (mine,) = [row for row in rows if row["name"] == "mix_uniform"]
    assert (mine["distribution"], mine["status"], mine["place"]) == (
        "mine.py",
        "available",
        str(file),
    )
    assert mine["summary"] == "Mix the distribution with the uniform one."
    samplers = tokgen("plugins", "list", "--kind", "samplers", "--plugin", file, "--json").rows
    assert samplers == [row for row in rows if row["kind"] == "samplers"]
    assert "Did you mean 'samplers'?" in tokgen("plugins", "list", "--kind", "sampler").err
    shown = tokgen("plugins", "show", file).out
    assert "sampler 'mix_uniform' of the file mine.py" in shown
    assert "model 'counts' of the file mine.py" in shown
    checked = tokgen("plugins", "check", file, "--kind", "samplers", "--json")
    assert "fresh-load" in {row["clause"] for row in checked.rows}
    assert {row["name"] for row in checked.rows} == {"mix_uniform"}


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("named", ["top_k", "samplers:top_k", "tokgen"])
def test_a_disabled_plugin_leaves_its_name_to_a_file(file, named, monkeypatch):
    file.write_text(SOURCE.replace("MixUniform", "TopK"))
    monkeypatch.setenv("TOKGEN_DISABLE_PLUGINS", named)
    added = registry.add_file(file)
    assert registry.load("samplers", "top_k").found == added[0]


WRONG = {
    "no plugin": ("x = 1\n", "defines no plugin", 2),
    "a command alone": (
        "import typer\n\napp = typer.Typer()\n",
        "mine.py' defines a command alone, which tokgen takes from installed distributions only",
        2,
    ),
    "taken": (SOURCE.replace("MixUniform", "TopK"), "by the sampler 'top_k' of the dist", 2),
    "twice": (SOURCE.replace('"counts"', '"x"') + "\nclass X(Unigram):\n    pass\n", "is taken", 2),
    "fails": ("raise SystemExit('no')\n", "mine.py cannot be imported: SystemExit: no", 3),
    "no Python": ("class\n", "cannot be imported: SyntaxError", 3),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_told_in_one_sentence(file, name):
    source, said, code = WRONG[name]
    file.write_text(source)
    done = tokgen("next", "a", "--plugin", file)
    assert (done.code, len(done.err.splitlines())) == (code, 1), done.err
    assert said in done.err


def test_no_such_file_is_told(tmp_path):
    done = tokgen("next", "a", "--plugin", tmp_path / "none.py")
    assert (done.code, f"There is no Python file '{tmp_path}/none.py'." in done.err) == (2, True)
