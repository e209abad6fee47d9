"""The text of documents: itself in a file and a pipe, inert on a terminal, and one rule for all."""

from __future__ import annotations

import csv
import io
import json
import os
from types import SimpleNamespace

import numpy as np
import pytest
from models import TableModel, symbols
from running import tokgen
from small_tokenizers import PieceTokenizer
from streams import in_file, in_pipe, on_terminal, redirected

from tokgen.exact.bulk.drawn_batch import line_bytes
from tokgen.text_model.text_model import TextModel
from tokgen.unicode import inert

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")

ASCII = ["\t", "\x1b", "\x7f", "a", "b"]
WIDE = ["\x1b", "\x9b", "\u200c", "\u202e", "ß", "🙂"]
MANY = 2500
WAYS = {
    "terminal": lambda path, *arguments: on_terminal(*arguments),
    "pipe": lambda path, *arguments: in_pipe(*arguments),
    "redirected": redirected,
    "file": in_file,
}


@pytest.fixture(scope="module", params=[ASCII, WIDE], ids=["ascii", "wide"])
def asked(request, tmp_path_factory):
    """What makes documents of letters that act in a terminal."""
    path = tmp_path_factory.mktemp("corpus") / "words.txt"
    words = [a + b + c for a in request.param for b in request.param for c in "kmn"]
    path.write_text("\n".join(words))
    return ("generate", "--corpus", path, "--model", "ngram", "--seed", 5)


@pytest.mark.parametrize("more", [(), ("--length", 3)], ids=["", "conditioned"])
@pytest.mark.parametrize("format", ["text", "jsonl", "csv"])
@pytest.mark.parametrize("way", WAYS)
def test_the_first_of_many_are_the_few(asked, tmp_path, way, format, more):
    asked = (tmp_path / "written", *asked, "--format", format, *more)
    few, many = (WAYS[way](*asked, "-n", count) for count in (10, MANY))
    assert many.startswith(few)
    assert len(many) > 100 * len(few)


def test_only_a_terminal_gets_another_text_than_the_documents_have(asked, tmp_path):
    jsonl = in_pipe(*asked, "-n", MANY, "--format", "jsonl").decode()
    texts = [json.loads(line)["text"] for line in jsonl.split("\n")[:-1]]
    assert {"\x1b", "k"} <= set("".join(texts))
    for way in WAYS:
        shown = inert if way == "terminal" else str
        lines = WAYS[way](tmp_path / "written", *asked, "-n", MANY).decode().split("\n")
        assert lines == [*map(shown, texts), ""]
        content = WAYS[way](tmp_path / "written", *asked, "-n", 20, "--format", "csv").decode()
        rows = [*csv.reader(io.StringIO(content, newline=""))][1:]
        assert [row[0] for row in rows] == [*map(shown, texts[:20])]
        written = WAYS[way](tmp_path / "written", *asked, "-n", MANY, "--format", "jsonl")
        assert written.decode() == jsonl


def test_letters_without_a_shape_of_their_own_are_letters(tmp_path):
    """A Persian word with its non-joiner, a programmer with her joiner: everywhere the same."""
    words = ["می\u200cخواهم", "👩\u200d💻"]
    (tmp_path / "words.txt").write_text("\n".join(words))
    asked = ("generate", "--corpus", tmp_path / "words.txt", "--model", "ngram", "-n", 40)
    for way in WAYS.values():
        assert set(words) <= set(
            way(tmp_path / "out", *asked, "-o", "order=5", "--seed", 1).decode().splitlines()
        )


BREAKING = PieceTokenizer([b"a", b"\n", b"\r"])


def test_a_document_that_holds_a_line_break_is_one_line_of_text(monkeypatch, tmp_path):
    """A line feed and a carriage return are written \\n and \\r; JSON and CSV keep them."""
    table = np.log(np.array([[0.4, 0.3, 0.2, 0.1]] * 4))
    metadata = SimpleNamespace(corpus=SimpleNamespace(), model=SimpleNamespace(name="table"))
    made = SimpleNamespace(model=TableModel(table, 1), tokenizer=BREAKING, metadata=metadata)
    model = TextModel(made)
    model.known = frozenset()
    monkeypatch.setattr("tokgen.cli.commands.generate.open_model", lambda request: model)
    asked = ("generate", "--seed", 1, "-n", MANY, "--format")
    texts = [json.loads(line)["text"] for line in in_pipe(*asked, "jsonl").splitlines()]
    assert {"a", "\n", "\r"} == set("".join(texts))
    read = csv.reader(io.StringIO(in_file(tmp_path / "out", *asked, "csv").decode(), newline=""))
    assert [row[0] for row in read][1:] == texts
    for way in WAYS.values():
        lines = way(tmp_path / "out", *asked, "text").decode().splitlines()
        assert lines == [text.replace("\n", r"\n").replace("\r", r"\r") for text in texts]


def test_no_bytes_are_joined_where_a_token_breaks_a_line():
    assert line_bytes([b"a", b"b", b""], symbols(3)) is not None
    assert line_bytes([b"a", b"\n", b""], symbols(3)) is None
    assert line_bytes([b"a", b"\r", b""], symbols(3)) is None


def test_documents_are_sorted_once_all_are_made():
    asked = ("generate", "-n", 40, "--seed", 1, "--format", "jsonl")
    drawn = tokgen(*asked).rows
    by_alphabet = tokgen(*asked, "--sort", "alphabet").rows
    assert by_alphabet == sorted(drawn, key=lambda row: row["text"])
    by_probability = tokgen(*asked, "--sort", "probability").rows
    assert by_probability == sorted(drawn, key=lambda row: (-row["logprob"], row["text"]))


def test_texts_stand_side_by_side_as_far_as_there_is_room():
    asked = ("generate", "-n", 40, "--seed", 1)
    lines = tokgen(*asked).out.splitlines()
    shown = tokgen(*asked, "--side-by-side").out.splitlines()
    assert len(shown) < 20
    assert max(map(len, shown)) <= 80
    assert [text for line in shown for text in line.split()] == lines
    refused = tokgen(*asked, "--side-by-side", "--format", "csv")
    assert (refused.code, refused.out) == (2, "")
    assert "--format has no effect with --side-by-side." in refused.err
