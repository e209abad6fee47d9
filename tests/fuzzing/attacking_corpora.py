"""Corpora: text files, and the cards and data of corpus packages."""

from __future__ import annotations

import contextlib
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
from tokgen.corpus.opening import open_corpus
from tokgen.corpus.report import check, report
from tokgen.errors import TokgenError
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
    b"\n\n \n",
    b"",
]
TABLES = [
    b'name,sex\n"ba, na",f\nkola,m\n' * 5,
    b"name\tsex\nbana\tf\nkola\tm\n" * 5,
    b"sex;name\nf;bana\nm;kola\n",
    b'name,sex\n"ba\nna",f\n\n,m\n',
]
KNOWN_TABLES = (
    b"name,name\nba,na\n",
    b"sex\nf\n",
    b"name,sex\nba\n",
    b"name\n" + b"a" * 70_000,
    b"name,sex\n,f\n",
    b"\n\n",
    b"name\tsex\nba\tf\n",
    b'name\n"ba',
    b"name\n\xff",
)
lines = st.lists(texts, max_size=30).map(lambda rows: "\n".join(rows).encode("utf-8", "replace"))


def corpus():
    """A file that `--corpus` names, of lines or a table: described, checked, learnt from.

    A content begins with the file's name.
    """
    as_lines = st.one_of(nearly_bytes(CONTENTS), lines).map(lambda content: b"w.txt\0" + content)
    names = st.sampled_from([b"w.csv\0", b"w.tsv\0"])
    as_tables = st.builds(lambda name, content: name + content, names, nearly_bytes(TABLES))
    known = [b"w.txt\0" + content for content in (*CONTENTS, b"a" * 70_000)]
    known += [b"w.csv\0" + content for content in (*TABLES, *KNOWN_TABLES)]
    return Target(
        st.one_of(as_lines, as_tables),
        _learn_from_file,
        ("tokgen/corpus/text_file.py", "tokgen/corpus/table.py"),
        tuple(known),
    )


def _learn_from_file(content: bytes, folder: Path) -> None:
    name, _, content = content.partition(b"\0")
    path = folder / name.decode()
    path.write_bytes(content)
    column = None if path.suffix == ".txt" else "name"
    opened = open_corpus(str(path), column=column)
    check(opened)
    report(opened)
    learnt = Recipe(corpus=str(path), column=column, model="ngram", options={"order": 2})
    train(plan(learnt))


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
# What a corpus' entry point may name; a corpus is never imported.
PACKAGES = {"words": "words_corpus", "inner": "words_corpus.inner", "gone": "no_such_package"}
KNOWN_CARDS = (
    CARD,
    {key: value for key, value in CARD.items() if key != "title"},
    CARD | {"titel": "Words"},
    CARD | {"tokgen_api": 99},
    CARD | {"checkpoints": {"ngram": "../../etc/passwd"}},
    CARD | {"checkpoints": {"ngram": "nosuch.safetensors"}},
    CARD | {"data": CARD["data"] | {"file": "../words.tsv"}},
    CARD | {"data": CARD["data"] | {"file": "nosuch.tsv"}},
    CARD | {"data": CARD["data"] | {"rows": 4}},
    CARD | {"data": {"file": "words.tsv", "rows": 3, "columns": {"sex": "f or m"}}},
    CARD | {"data": {"file": "../words.tsv", "rows": 3}},
    CARD | {"data": {"file": 3, "rows": 3}},
)


def card():
    """The card of a corpus package and its data, one behind the other."""
    place = tempfile.mkdtemp()
    files = {"words_corpus/__init__.py": "", "words_corpus/words.tsv": DATA.decode()}
    names = {name: f"{package}:corpus.yaml" for name, package in PACKAGES.items()}
    Node(Path(place)).install("words", files, {"corpora": names})
    sys.path.insert(0, place)
    package = Path(place) / "words_corpus"

    def open_described(content: bytes, folder: Path) -> None:
        described, data = content.split(b"\0\0", 1) if b"\0\0" in content else (content, DATA)
        (package / "corpus.yaml").write_bytes(described)
        (package / "words.tsv").write_bytes(data)
        registry.look_again()
        for name in PACKAGES.keys() - {"words"}:
            with contextlib.suppress(TokgenError):
                open_corpus(name)
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
        tuple(yaml.safe_dump(card).encode() for card in KNOWN_CARDS),
    )


def _described_truly(data: bytes) -> bytes:
    """A card that has these data's hash, and the data."""
    known = CARD["data"] | {"sha256": hashlib.sha256(data).hexdigest()}
    return yaml.safe_dump(CARD | {"data": known}).encode() + b"\0\0" + data
