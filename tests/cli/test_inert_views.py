"""Nothing from outside acts in a terminal: letters of a corpus, fields of a card, arguments."""

from __future__ import annotations

import hashlib
import io
import sys

import pytest
import yaml
from running import tokgen
from streams import in_pipe

from tokgen.unicode import inert

ACTING = "\x1b\x9b\t\u202e"
LETTERS = [*ACTING, "a", "ß"]

COMMANDS = {
    "next": (("next", "\x1b", "--top-k", 3), "\\x1b"),
    "next --json": (("next", "\x1b", "--json"), "\\u001b"),
    "top": (("top", "-n", 50), "\\u202e"),
    "top --json": (("top", "-n", 50, "--json"), "\\u202e"),
    "score": (("score", "\x1b\x1bk"), "\\x1b"),
    "tree": (("tree", "\x1b", "--width", 8), "\\x9b"),
    "tree svg": (("tree", "\x1b", "--format", "svg"), "\\x1b"),
    "tree dot": (("tree", "\x1b", "--format", "dot"), "\\x1b"),
    "tree --json": (("tree", "\x1b", "--json"), "\\u001b"),
    "analyze --json": (("analyze", "--positions", "--json"), "\\u009b"),
    "analyze": (("analyze", "--positions"), "\\x9b"),
    "info": (("info",), ""),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "wo\x1b[31mrds.txt"
    path.write_text("\n".join(a + b + c for a in LETTERS for b in LETTERS for c in "kmn"))
    return path


def acting(shown):
    return {character for character in shown if inert(character) != character} - {"\n"}


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_that_a_command_shows_acts(name, corpus):
    command, escaped = COMMANDS[name]
    shown = in_pipe(*command, "--corpus", corpus, "--model", "ngram").decode()
    assert not acting(shown)
    assert escaped in shown


def test_nothing_of_a_corpus_acts(corpus):
    for command in (("corpora", "show", corpus), ("examples", "\x1bk", "--corpus", corpus)):
        shown = in_pipe(*command).decode()
        assert not acting(shown)
        assert "\\x1b" in shown
    embeddings = ("embeddings", "--model", "mlp", "-o", "steps=1", "--corpus", corpus)
    assert not acting(in_pipe(*embeddings).decode())


def test_nothing_in_a_session_acts(corpus, monkeypatch):
    asked = "\x1bk\n:names 5\n:top 5\n:tree\n:score \x1bk\n:force \x9b\n:nosuch\x1b\n:chain \x1b\n"
    for more in ((), ("--json",)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(asked))
        command = ("repl", "--corpus", corpus, "--model", "ngram", "--seed", 1)
        assert not acting(in_pipe(*command, *more).decode())


@pytest.fixture
def evil_card(place):
    """The corpus `w`, installed; each free field of its card holds what would act."""
    data = "kamal\nkavi\n"
    evil = f"e{ACTING}vil"
    described = {
        "tokgen_api": 1,
        **dict.fromkeys(("title", "license", "language", "source", "tokenizer", "model"), evil),
        "data": {
            "file": "words.txt",
            "sha256": hashlib.sha256(data.encode()).hexdigest(),
            "rows": 2,
        },
    }
    files = {"evil_words/corpus.yaml": yaml.safe_dump(described), "evil_words/words.txt": data}
    place.install(
        "evil-words",
        {"evil_words/__init__.py": "", **files},
        {"corpora": {"w": "evil_words:corpus.yaml"}},
    )
    with place.found():
        yield


@pytest.mark.usefixtures("evil_card")
def test_no_field_of_a_card_acts():
    for command in (("show", "w"), ("show", "w", "--json"), ("list",), ("list", "--json")):
        shown = in_pipe("corpora", *command).decode()
        assert not acting(shown)
        assert "\\x1b" in shown or "\\u001b" in shown


def test_no_argument_acts_in_the_sentence_about_it():
    for wrong in (["--corpus", "\x1b[2J"], ["--where", "\x9b=x"], ["--sampler", "\u202etop_k"]):
        done = tokgen("generate", *wrong)
        assert done.code == 2
        assert not acting(done.err)
