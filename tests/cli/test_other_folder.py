"""A model keeps its corpus wherever tokgen is started, and says where the corpus is gone."""

from __future__ import annotations

import csv
import io

import pytest
from running import tokgen
from words import WORDS, words_file

from tokgen.training.metadata import read_metadata

GENERATE = ("generate", "--checkpoint", "../model.st", "-n", 5, "--seed", 1)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder beside a corpus and a model that was trained on it by its relative path."""
    words_file(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    asked = ("--corpus", "words.txt", "--model", "ngram", "--output", "model.st")
    assert tokgen("train", *asked).code == 0
    monkeypatch.chdir("elsewhere")
    return tmp_path


def test_the_corpus_is_found_from_another_folder(elsewhere):
    rows = tokgen(*GENERATE, "--format", "jsonl").rows
    assert [row["novel"] for row in rows] == [row["text"] not in WORDS for row in rows]
    novel = tokgen(*GENERATE, "--novel")
    assert novel.code == 0
    assert not set(novel.out.splitlines()) & set(WORDS)
    (figures,) = tokgen("analyze", "--checkpoint", "../model.st", "--json").rows
    assert 0 < figures["in_corpus"] < 1


def test_a_corpus_is_named_as_it_was_typed(elsewhere, tmp_path, monkeypatch):
    """Wherever its model was trained, and from whatever the documents came then."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "same.txt").write_bytes((tmp_path / "words.txt").read_bytes())
    for named in ("words.txt", "same.txt"):
        for checkpoint in ((), ("--checkpoint", "model.st")):
            asked = ("--corpus", named, "--model", "ngram", "--seed", 1, *checkpoint)
            assert tokgen("generate", *asked).err.startswith(f"{named} · ngram · ")


def test_a_corpus_that_is_gone_makes_novelty_unknown(elsewhere):
    (elsewhere / "words.txt").rename(elsewhere / "moved.txt")
    assert [row["novel"] for row in tokgen(*GENERATE, "--format", "jsonl").rows] == [None] * 5
    table = csv.DictReader(io.StringIO(tokgen(*GENERATE, "--format", "csv").out))
    assert [row["novel"] for row in table] == [""] * 5
    refused = tokgen(*GENERATE, "--novel")
    assert (refused.code, refused.out) == (2, "")
    assert f"There is no corpus or file '{elsewhere / 'words.txt'}'." in refused.err


def test_a_recipe_names_a_file_in_its_own_folder(elsewhere):
    (elsewhere / "recipe.yaml").write_text("corpus: words.txt\nmodel: ngram\n")
    done = tokgen("train", "--config", "../recipe.yaml", "--output", "mine.st")
    assert done.code == 0, done.err
    recipe = read_metadata(elsewhere / "elsewhere" / "mine.st").recipe
    assert recipe.corpus == str(elsewhere / "words.txt")
