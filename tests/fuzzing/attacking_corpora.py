"""Corpora: text files, and the cards and data of corpus packages."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

import yaml
from hypothesis import strategies as st
from installing import Node
from mutation import nearly_bytes, nearly_tree, texts
from target import Target

from tokgen import registry
from tokgen.corpus.corpus import open_corpus
from tokgen.corpus.report import check, report
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

WORDS = b"bana\nkola\nmina\ndelu\n" * 6
CONTENTS = [
    WORDS,
    WORDS.replace(b"\n", b"\r\n"),
    WORDS.replace(b"\n", b"\r"),
    b"\xef\xbb\xbf" + WORDS,
    "e\u0301a\nnäo\nкот\n\U0001f468\u200d\U0001f469\n".encode() * 5,
    b'name,sex\n"ba, na",f\nkola,m\n' * 5,
    b"name\tsex\nbana\tf\nkola\tm\n" * 5,
    b"\n\n \n",
    b"",
]
lines = st.lists(texts, max_size=30).map(lambda rows: "\n".join(rows).encode("utf-8", "replace"))


def corpus():
    """A file that `--corpus` names: described, checked, learnt from."""
    return Target(
        st.one_of(nearly_bytes(CONTENTS), lines),
        _learn_from_file,
        ("tokgen/corpus/text_file.py", "tokgen/corpus/report.py"),
    )


def _learn_from_file(content: bytes, folder: Path) -> None:
    path = folder / "corpus.txt"
    path.write_bytes(content)
    opened = open_corpus(str(path))
    check(opened)
    report(opened)
    train(plan(Recipe(corpus=str(path), model="ngram", options={"order": 2})))


DATA = b"name\tsex\nbana\tf\nkola\tm\nminu\tf\n"
CARD = {
    "tokgen_api": 1,
    "title": "Words",
    "license": "MIT",
    "language": "none",
    "source": "Written for this test.",
    "tokenizer": "characters",
    "model": "ngram",
    "data": {
        "file": "words.tsv",
        "sha256": hashlib.sha256(DATA).hexdigest(),
        "rows": 3,
        "columns": {"sex": "f or m"},
    },
    "checkpoints": {},
}


def card():
    """The card of a corpus package and its data, one behind the other."""
    place = tempfile.mkdtemp()
    files = {"words_corpus/__init__.py": "", "words_corpus/words.tsv": DATA.decode()}
    Node(Path(place)).install("words", files, {"corpora": {"words": "words_corpus:corpus.yaml"}})
    sys.path.insert(0, place)
    package = Path(place) / "words_corpus"

    def open_described(content: bytes, folder: Path) -> None:
        described, data = content.split(b"\0\0", 1) if b"\0\0" in content else (content, DATA)
        (package / "corpus.yaml").write_bytes(described)
        (package / "words.tsv").write_bytes(data)
        registry.look_again()
        opened = open_corpus("words", {"sex": "f"})
        check(opened)
        report(opened)

    trees = nearly_tree([CARD]).map(lambda tree: yaml.safe_dump(tree).encode("utf-8", "replace"))
    described = st.one_of(nearly_bytes([yaml.safe_dump(CARD).encode()]), trees)
    with_data = nearly_bytes([DATA]).map(_described_truly)
    return Target(
        st.one_of(described, with_data),
        open_described,
        ("tokgen/corpus/card.py",),
    )


def _described_truly(data: bytes) -> bytes:
    """A card that has these data's hash, and the data."""
    known = CARD["data"] | {"sha256": hashlib.sha256(data).hexdigest()}
    return yaml.safe_dump(CARD | {"data": known}).encode() + b"\0\0" + data
