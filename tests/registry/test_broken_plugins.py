"""Strangers' plugins beside tokgen's own: found, used, and broken in every way, one at a time."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "examples" / "tokgen-example"


@pytest.fixture
def example(place):
    for package in ("tokgen_example", "tokgen_example_fruit"):
        shutil.copytree(EXAMPLE / package, place.folder / package)
    declared = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["entry-points"]
    groups = {group.removeprefix("tokgen."): points for group, points in declared.items()}
    place.install("tokgen-example", {}, groups)
    return place


def test_the_example_is_listed_trained_sampled_and_shown(example, tmp_path):
    listed = example.tokgen("plugins", "list", "--json").rows
    mine = {row["name"] for row in listed if row["distribution"] == "tokgen-example"}
    assert mine == {"fruit", "linear", "mixed_uniform", "unigram"}
    for model, options in (("unigram", []), ("linear", ["-o", "steps=20", "-o", "context=2"])):
        made = tmp_path / f"{model}.safetensors"
        arguments = ["--corpus", "fruit", "--model", model, *options]
        done = example.tokgen("train", *arguments, "--seed", 1, "--output", made)
        assert done.code == 0, done.err
        names = example.tokgen("generate", "--checkpoint", made, "--seed", 1)
        assert (names.code, len(names.out.splitlines())) == (0, 10), names.err
        assert example.tokgen("analyze", "--checkpoint", made, "--json").code == 0
    (row,) = example.tokgen("next", "a", "--sampler", "mixed_uniform:share=1", "--json").rows
    assert {round(entry["prob"], 9) for entry in row["next"]} == {round(1 / 27, 9)}
    session = ":chain mixed_uniform:share=0.5\nab\n\n:corpus fruit\n:compare linear\n:quit\n"
    done = example.tokgen("repl", "--seed", 1, stdin=session)
    assert done.code == 0, done.err
    assert "mixed_uniform share=0.5" in done.out
    assert "KL divergence" in " ".join(done.out.split())
    assert example.tokgen("corpora", "check", "fruit").code == 0


def test_a_checkpoint_without_its_plugin_says_who_had_it(example, place, tmp_path):
    made = tmp_path / "u.safetensors"
    example.tokgen("train", "--corpus", "fruit", "--model", "unigram", "--output", made)
    shutil.rmtree(place.folder / "tokgen_example-0.1.0.dist-info")
    done = place.tokgen("generate", "--checkpoint", made)
    assert done.code == 2
    assert "There is no model 'unigram'" in done.err
    assert "tokgen-example 0.1.0" in done.err


GOOD = "from tokgen_samplers.temperature import Greedy\n"
BROKEN = {
    "raises": ("raise RuntimeError('no luck')\n", "broken:Mine", "RuntimeError: no luck"),
    "exits": ("raise SystemExit(0)\n", "broken:Mine", "SystemExit"),
    "lacks the attribute": (GOOD, "broken:Mine", "has no attribute 'Mine'"),
    "lacks the module": (GOOD, "nowhere:Mine", "No module named 'nowhere'"),
    "wrong number": (
        GOOD + "class Mine(Greedy):\n    tokgen_api = 2\n",
        "broken:Mine",
        "written for tokgen_api = 2; this is 1",
    ),
    "missing methods": (
        "from tokgen.plugin_api import Sampler\nclass Mine(Sampler):\n    pass\n",
        "broken:Mine",
        "lacks apply",
    ),
    "options of another name": (
        "from tokgen.plugin_api import PluginOptions\n" + GOOD + "class Mine(Greedy):\n"
        "    class Opts(PluginOptions):\n        share: float = 0.5\n",
        "broken:Mine",
        "its options stand in a class 'Opts', which has to be called 'Options'",
    ),
    "not a sampler": ("Mine = 3\n", "broken:Mine", "not a subclass of Sampler"),
    "malformed": (GOOD, "broken", "malformed entry point"),
    "removes everything": (
        "import numpy as np\n" + GOOD + "class Mine(Greedy):\n"
        "    def apply(self, logprobs, context): return np.full_like(logprobs, -np.inf)\n",
        "broken:Mine",
        "removed every token",
    ),
    "fails at work": (
        GOOD + "class Mine(Greedy):\n    def apply(self, logprobs, context): return [][99]\n",
        "broken:Mine",
        "The sampler 'mine' of the distribution broken-one 0.1.0 failed in apply: IndexError: list",
    ),
    "takes another argument": (
        GOOD + "class Mine(Greedy):\n    def apply(self, logprobs): return logprobs\n",
        "broken:Mine",
        "failed in apply: TypeError",
    ),
    "needs what there is not": (
        GOOD + "class Mine(Greedy):\n    needs = 'everything'\n",
        "broken:Mine",
        "needs = 'everything'",
    ),
    "wrong shape": (
        GOOD + "class Mine(Greedy):\n"
        "    def apply(self, logprobs, context): return logprobs[:, :2]\n",
        "broken:Mine",
        "returned shape (1, 2) for shape (1, 27)",
    ),
    "writes into its input": (
        GOOD + "class Mine(Greedy):\n"
        "    def apply(self, logprobs, context):\n"
        "        logprobs *= 0.5\n"
        "        return logprobs\n",
        "broken:Mine",
        "failed in apply: ValueError",
    ),
    "fails when it is made": (
        GOOD + "class Mine(Greedy):\n    def __init__(self, options): self.nothing.more\n",
        "broken:Mine",
        "The sampler 'mine' of the distribution broken-one 0.1.0 failed in its constructor",
    ),
    "cannot check its options": (
        "from pydantic import model_validator\n" + GOOD + "class Mine(Greedy):\n"
        "    class Options(Greedy.Options):\n"
        "        @model_validator(mode='after')\n"
        "        def check(self): raise KeyError('t')\n",
        "broken:Mine",
        "Sampler 'mine' cannot check its options: KeyError: 't'.",
    ),
    "ends the process": (
        GOOD + "class Mine(Greedy):\n    def apply(self, logprobs, context): raise SystemExit\n",
        "broken:Mine",
        "failed in apply: SystemExit.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_costs_only_the_command_that_names_it(place, name):
    content, reference, said = BROKEN[name]
    place.install("broken-one", {"broken.py": content}, {"samplers": {"mine": reference}})
    assert place.tokgen("generate", "-n", 1, "--seed", 1).code == 0
    listed = place.tokgen("plugins", "list", "--json").rows
    assert [row["distribution"] for row in listed if row["name"] == "mine"] == ["broken-one"]
    done = place.tokgen("next", "a", "--sampler", "mine")
    assert done.code == 3, done.err
    assert said in done.err
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) <= 2
    assert "Traceback" in place.tokgen("--traceback", "next", "a", "--sampler", "mine").err


def test_next_and_generate_hand_a_sampler_the_same_context(place):
    content = GOOD + (
        "class Mine(Greedy):\n"
        "    def apply(self, logprobs, context):\n"
        "        assert not hasattr(context, 'position')\n"
        "        return super().apply(logprobs, context)\n"
    )
    place.install("quiet-one", {"broken.py": content}, {"samplers": {"mine": "broken:Mine"}})
    for command in ("next a", "generate -n 2 --seed 1", "tree a"):
        done = place.tokgen(*command.split(), "--sampler", "mine")
        assert done.code == 0, done.err


def test_output_on_import_does_not_reach_standard_output(place):
    content = "print('look at me')\n" + GOOD + "class Mine(Greedy): pass\n"
    place.install("loud-one", {"broken.py": content}, {"samplers": {"mine": "broken:Mine"}})
    (row,) = place.tokgen("next", "a", "--sampler", "mine", "--json").rows
    assert row["next"][0]["prob"] == 1


@pytest.mark.parametrize("name", ["greedy", "mine"])
def test_a_name_taken_twice_is_never_chosen_between(place, name):
    content = GOOD + "class Mine(Greedy): pass\n"
    place.install("first-one", {"one.py": content}, {"samplers": {name: "one:Mine"}})
    place.install("second-one", {"two.py": content}, {"samplers": {name: "two:Mine"}})
    done = place.tokgen("next", "a", "--sampler", name)
    assert done.code == 3
    assert "first-one 0.1.0" in done.err
    assert "second-one 0.1.0" in done.err
    rows = [r for r in place.tokgen("plugins", "list", "--json").rows if r["name"] == name]
    assert {row["status"] for row in rows} == {"conflict"}
    assert place.tokgen("next", "a", "--sampler", "top_k:k=3").code == 0


CARD = """\
tokgen_api: {api}
title: Words
license: none
language: none
source: none
data:
  file: {file}
  sha256: {sha}
  rows: 2
"""
SHA = "8cb2bd0bd1c9bd7a2c9dd2a9b1d4a36a5a2a7a34dd8fd9e8ac0fbfb8a5d7a5aa"


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (CARD.format(api=1, file="../secret.txt", sha=SHA), "points outside its package"),
        (CARD.format(api=1, file="words.txt", sha=SHA), "its sha256 differs"),
        (CARD.format(api=1, file="none.txt", sha=SHA), "lacks its file 'none.txt'"),
        (CARD.format(api=7, file="words.txt", sha=SHA), "tokgen_api = 7"),
        (CARD.format(api=1, file="words.txt", sha="short"), "option 'data.sha256'"),
        ("- a list\n", "is not a table of keys and values"),
        ("a: [\n", "is not YAML"),
    ],
)
def test_a_broken_card_is_told(place, card, said):
    files = {
        "words_corpus/__init__.py": "raise RuntimeError('a corpus must never be imported')\n",
        "words_corpus/corpus.yaml": card,
        "words_corpus/words.txt": "one\ntwo\n",
        "secret.txt": "one\ntwo\n",
    }
    place.install("words-one", files, {"corpora": {"words": "words_corpus:corpus.yaml"}})
    done = place.tokgen("corpora", "check", "words")
    assert done.code == 3, done.err
    assert said in done.err
    assert place.tokgen("corpora", "list").code == 0
    assert place.tokgen("generate", "-n", 1, "--seed", 1).code == 0
