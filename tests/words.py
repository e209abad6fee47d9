"""Small corpora for trainings that take a moment."""

from __future__ import annotations

import hashlib

import numpy as np

from tokgen.corpus.corpus import Corpus
from tokgen.plugin_api.documents import Documents

WORDS = [f"{a}{b}{c}na" for a in "bdkm" for b in "aeiou" for c in "lmnr"]


def words_file(folder, words=WORDS):
    path = folder / "words.txt"
    path.write_text("\n".join(words) + "\n")
    return str(path)


def coloured(name="coloured"):
    """A corpus with a column: what begins with b or d is red, the rest white; `kind` is chance."""
    kinds = np.random.default_rng(0).choice(["x", "y", "z"], len(WORDS))
    colours = np.array(["red" if word[0] in "bd" else "white" for word in WORDS])
    fingerprint = hashlib.sha256("".join(WORDS).encode()).hexdigest()
    columns = {"colour": colours, "kind": kinds}
    return Corpus(name, Documents.of(WORDS), fingerprint, columns=columns)


def coloured_table(folder):
    """What begins with b or d is red, the rest white; sizes are another column."""
    rows = [f"{word},{'red' if word[0] in 'bd' else 'white'},big" for word in WORDS]
    path = folder / "words.csv"
    path.write_text("\n".join(["word,colour,size", *rows]) + "\n")
    return path
