"""Completion: what a shell is given for the words of a command line, asked as the shell asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from running import tokgen

from tokgen import cli
from tokgen.cli import completion
from tokgen.testing.catalogue import CLAUSES


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mine.safetensors", "mine.yaml", "words.txt", "notes.md", "plugin.py"):
        (tmp_path / name).touch()
    (tmp_path / "runs").mkdir()


@pytest.fixture
def completed(here, monkeypatch, capsys):
    """The candidates for words that bash has parted at `:` and `=`; the last is incomplete."""

    def complete(*words):
        monkeypatch.setenv("_TOKGEN_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", "\n".join(["tokgen", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        assert completion.complete(cli._application_to_complete) == 0
        said = capsys.readouterr()
        assert said.err == ""
        return said.out.splitlines()

    return complete


MIXES = ["mixture", "mlp", "mlp-2d"]
TOP = ["top_a", "top_h", "top_k", "top_n_sigma", "top_p"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["gener"], ["generate"]),
        (["generate", "--corp"], ["--corpus"]),
        (["generate", "--corpus", ""], ["indian-names", "words.txt", "runs/"]),
        (["generate", "--corpus", "ru"], []),
        (["train", "--config", "indian-names/m"], [f"indian-names/{each}" for each in MIXES]),
        (["train", "--config", "m"], ["mine.yaml"]),
        (
            ["generate", "--model", ""],
            ["cnn", "gru", "lstm", "mixture", "mlp", "ngram", "rnn", "transformer"],
        ),
        (["generate", "--sampler", "top"], TOP),
        (["generate", "--sampler", "top_p"], ["top_p", "top_p:p="]),
        (["generate", "--sampler", "top_p", ":"], ["p="]),
        (["generate", "--sampler", "temperature", ":", ""], ["t=", "t=1.0"]),
        (["generate", "--sampler=temperature:"], ["temperature:t=", "temperature:t=1.0"]),
        (["train", "--tokenizer", "cha"], ["characters"]),
        (["train", "-o", "ord"], []),
        (["train", "--model", "ngram", "-o", "or"], ["order=", "order=5"]),
        (["train", "--model", "ngram", "-o", "smoothing", "="], ["kneser-ney", "add-k"]),
        (["train", "--condition-on", ""], ["gender", "origin"]),
        (["train", "--condition-on", "gender,"], ["gender,origin"]),
        (["generate", "--where", "gen"], ["gender=f", "gender=m", "gender=u"]),
        (["generate", "--where", "gender", "="], ["f", "m", "u"]),
        (["generate", "--where", "origin", "=", "tami"], ["tamil"]),
        (["generate", "--where", "=", "origin", "=", "tami"], ["tamil"]),
        (["generate", "--where", "gender", "=", "f", "--where", "gender"], []),
        (["generate", "--corpus", "nosuch", "--where", ""], []),
        (["generate", "--given", "gen"], ["gender=f", "gender=m", "gender=u"]),
        (["next", "--given", "gender", "=", "f", "--given", "gender"], []),
        (["next", "--checkpoint", "shipped", ":", "m"], ["mlp", "mlp-2d"]),
        (["next", "--checkpoint", "m"], ["mine.safetensors"]),
        (["analyze", "--against", "m"], ["mixture", "mlp", "mine.safetensors"]),
        (["eval", "--split", "t"], ["train", "test"]),
        (["corpora", "show", "ind"], ["indian-names"]),
        (["plugins", "show", "top"], TOP),
        (["plugins", "show", "indian"], []),
        (["plugins", "check", "indian"], ["indian-names"]),
        (["plugins", "check", "plug"], ["plugin.py"]),
        (["plugins", "check", "top_k", "-o", ""], ["k="]),
        (["plugins", "check", "--kind", "mod"], ["models"]),
        (["plugins", "new", "to"], ["torch-model", "tokenizer"]),
        (["next", "--plugin", ""], ["plugin.py", "runs/"]),
        (["corpora", "show", "nosuch.txt", "--where", ""], []),
        (["corpora", "show", "indian-names", "--where", "gender=u"], ["gender=u"]),
    ],
)
def test_words_are_completed(completed, words, expected):
    assert completed(*words) == expected


def test_clauses_are_completed(completed):
    ids = {each.id for clauses in CLAUSES.values() for each in clauses}
    assert completed("plugins", "check", "--explain", "") == sorted(ids)


def test_what_acts_in_bash_is_escaped(completed):
    Path("a b's.safetensors").touch()
    assert completed("next", "--checkpoint", "a") == ["a\\ b\\'s.safetensors"]


LOUD = "print('imported')\nraise RuntimeError('imported')\n"


@pytest.fixture
def loud(place, monkeypatch):
    """A sampler and a command whose modules may not be imported, and a corpus of a damaged card."""
    files = {"loud.py": LOUD, "loud_words/__init__.py": LOUD, "loud_words/card.yaml": "a: [\n"}
    points = {"samplers": {"loud": "loud:Loud"}, "commands": {"louder": "loud:app"}}
    place.install("loud-one", files, {**points, "corpora": {"loud-words": "loud_words:card.yaml"}})
    with place.found():
        yield


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["loud"], ["louder"]),
        (["louder", "--a"], []),
        (["next", "--sampler", "loud"], ["loud"]),
        (["next", "--sampler", "loud", ":", ""], []),
        (["next", "--plugin", "loud.py", "--sampler", "top_k"], ["top_k", "top_k:k="]),
        (["next", "--corpus", "loud-words", "--where", ""], []),
        (["next", "--corpus", "loud"], ["loud-words"]),
    ],
)
def test_nothing_of_a_plugin_is_imported(completed, words, expected):
    Path("loud.py").write_text(LOUD)
    assert completed(*words) == expected
    assert "loud" not in sys.modules


@pytest.mark.parametrize(
    ("shell", "asked", "expected"),
    [
        (
            "bash",
            {"COMP_WORDS": "tokgen\nnext\n--model\nng", "COMP_CWORD": "3"},
            "ngram\n",
        ),
        ("bash", {"COMP_WORDS": "tokgen", "COMP_CWORD": "none"}, ""),
        ("bash", {}, ""),
        (
            "fish",
            {
                "_TYPER_COMPLETE_ARGS": "tokgen corpora show ind",
                "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            },
            "indian-names\tIndian given names\n",
        ),
        ("powershell", {}, None),
        ("nosuch", {}, ""),
    ],
)
def test_a_shell_is_answered_by_a_process(tmp_path, shell, asked, expected):
    done = subprocess.run(
        [sys.executable, "-m", "tokgen"],
        env={**os.environ, **asked, "_TOKGEN_COMPLETE": f"complete_{shell}"},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stderr == ""
    if expected is not None:
        assert done.stdout == expected


def test_a_home_that_cannot_be_written_costs_one_sentence(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.write_text("no folder")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    done = tokgen("--install-completion", "bash")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"tokgen: Cannot install the completion into '{home}")
    assert len(done.err.splitlines()) == 1
