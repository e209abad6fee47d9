"""`--plugin FILE`: plugins that are not installed."""

from __future__ import annotations

import pytest
from plugin_sources import UNIGRAM
from running import tokgen

import tokgen as library
from tokgen import registry
from tokgen.errors import RequestError
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


class Base(Sampler):
    """It leaves apply to those that derive from it."""


class _Hidden(Base, MixUniform):
    """Its name begins with an underscore."""
'''
UNFINISHED = '''

class Unfinished(Sampler):
    """It lacks apply."""
'''
SOURCE = SAMPLERS + COUNTS + UNFINISHED


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def forgotten(monkeypatch):
    monkeypatch.setattr("tokgen.registry.discovery._added", {})


@pytest.mark.usefixtures("forgotten")
def test_the_classes_of_the_file_itself_are_there(file):
    plugins = registry.add_file(file)
    assert [(each.kind, each.name) for each in plugins] == [
        ("samplers", "mix_uniform"),
        ("models", "counts"),
        ("samplers", "unfinished"),
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
    session = tokgen("repl", stdin=f":checkpoint {made}\n").out
    assert "A session that has it: tokgen repl --plugin FILE" in " ".join(session.split())
    with pytest.raises(RequestError, match=r"tokgen\.load\(…, plugins=\[FILE\]\) brings it\.$"):
        library.load(checkpoint=made)


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


MISSPELT = {
    "sampler": (
        "class M7(Sampler):\n    def aply(self, logprobs, context):\n        return logprobs\n",
        "The sampler 'm7' of the file mine.py: the class M7, which derives from Sampler, lacks "
        "apply. It has aply: did you mean apply?",
    ),
    "sampler without a method": (
        "class M7(Sampler):\n    def soften(self, logprobs):\n        return logprobs\n",
        "The sampler 'm7' of the file mine.py: the class M7, which derives from Sampler, lacks "
        "apply.",
    ),
    "tokenizer": (
        """
class Cut(Tokenizer):
    def fit(self, documents): ...
    def encode(self, text): ...
    def pices(self): ...
    def to_json(self): ...
    def from_jsn(self, state): ...
""",
        "The tokenizer 'cut' of the file mine.py: the class Cut, which derives from Tokenizer, "
        "lacks from_json, pieces. It has pices: did you mean pieces? It has from_jsn: did you "
        "mean from_json?",
    ),
    "model in torch": (
        """
class Net(TorchModel):
    def bulid(self, options, vocabulary): ...
    def forward(self, ids, given=None, cache=None): ...
""",
        "The model 'net' of the file mine.py: the class Net, which derives from TorchModel, lacks "
        "build. It has bulid: did you mean build?",
    ),
    "spelt wrong in the base of the file": (
        """
class _Base(Sampler):
    def appply(self, logprobs, context): ...
class Soft(_Base): ...
""",
        "The sampler 'soft' of the file mine.py: the class Soft, which derives from Sampler, "
        "lacks apply. It has appply: did you mean apply?",
    ),
}


@pytest.mark.parametrize("wrong", MISSPELT)
def test_a_class_that_lacks_a_method_is_told_with_the_nearest_that_it_has(file, wrong):
    source, said = MISSPELT[wrong]
    file.write_text(f"from tokgen.plugin_api import Sampler, Tokenizer, TorchModel\n{source}")
    done = tokgen("plugins", "check", file)
    assert (done.code, done.err.strip()) == (3, f"tokgen: {said}")


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


@pytest.mark.parametrize(
    ("typed", "is_told"),
    [
        (("--sampler", "soft_vowels"), True),
        (("--sampler", "top_k:k=3", "--sampler", "soft_vowels"), True),
        (("--model", "soft_vowels"), True),
        (("--sampler", "topp_k"), False),
    ],
)
def test_a_name_that_is_like_none_may_be_in_a_file(typed, is_told):
    done = tokgen("next", "a", *typed)
    assert done.code == 2
    assert ("--plugin FILE brings the plugins of a file." in done.err) is is_told, done.err


def test_no_such_file_is_told(tmp_path):
    done = tokgen("next", "a", "--plugin", tmp_path / "none.py")
    assert (done.code, f"There is no Python file '{tmp_path}/none.py'." in done.err) == (2, True)
