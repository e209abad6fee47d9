"""The one normal form, wherever text comes in: é is the same letter, composed or in two parts."""

from __future__ import annotations

import hashlib
import io
import json
import sys

import pytest
import yaml
from streams import in_pipe

from tokgen.unicode import nfc

PARTS, LETTER = "e\u0301", "\u00e9"
WORDS = [f"caf{PARTS}", f"caf{PARTS}s", f"r{PARTS}al", f"kad{PARTS}", "kafa", "rasa", "cada"]

# Each holds the letter in two parts; the answer to the composed one must be the same.
COMMANDS = {
    "prefix": ("generate", "--prefix", f"caf{PARTS}"),
    "pattern": ("generate", "--pattern", f"*f{PARTS}?"),
    "suffix": ("generate", "--suffix", PARTS),
    "contains": ("generate", "--contains", f"f{PARTS}"),
    "exclude": ("generate", "--exclude", PARTS),
    "novel": ("generate", "--novel-distance", "1", "--prefix", f"caf{PARTS}"),
    "ban": ("generate", "--sampler", f"ban:tokens={PARTS}"),
    "letters": ("generate", "--sampler", f"ban:letters={PARTS}"),
    "bias": ("generate", "--sampler", f'logit_bias:{{"bias": {{"{PARTS}": 3}}}}'),
    "loss": ("loss", f"caf{PARTS}", "--json"),
    "step": ("step", f"caf{PARTS}", "--json"),
    "next": ("next", f"caf{PARTS}", "--json"),
    "score": ("score", f"caf{PARTS}", "--json"),
    "tree": ("tree", f"caf{PARTS}", "--json"),
    "top": ("top", "--contains", PARTS, "--json"),
    "analyze": ("analyze", "--suffix", PARTS, "--json"),
    "examples": ("examples", f"caf{PARTS}", "--json"),
    "embeddings": ("embeddings", "--near", PARTS, "--analogy", f"a:{PARTS}::c", "--json"),
}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    """The words with the letter in two parts, and the same words with the letter composed."""
    files = {}
    for name, form in (("parts", str), ("composed", nfc)):
        files[name] = tmp_path_factory.mktemp(name) / "words.txt"
        files[name].write_text("\n".join(map(form, WORDS)))
    return files


def answer(command, corpus):
    network = ("--model", "mlp", "-o", "steps=1")
    model = {"examples": (), "embeddings": network, "step": network}
    seed = ("--seed", 1) if command[0] == "generate" else ()
    chosen = model.get(command[0], ("--model", "ngram"))
    return in_pipe(*command, *seed, "--corpus", corpus, *chosen)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_letter_in_parts_is_the_letter(name, corpora):
    composed = tuple(map(nfc, COMMANDS[name]))
    assert composed != COMMANDS[name]
    expected = answer(composed, corpora["composed"])
    assert answer(COMMANDS[name], corpora["parts"]) == expected
    assert PARTS not in expected.decode()


def test_a_word_of_the_corpus_is_not_novel(corpora):
    asked = (
        "generate",
        "--model",
        "ngram",
        "--seed",
        1,
        "-n",
        300,
        "--format",
        "jsonl",
        "--corpus",
    )
    rows = [json.loads(line) for line in in_pipe(*asked, corpora["parts"]).splitlines()]
    known = {nfc(word) for word in WORDS}
    assert {row["text"] for row in rows} & {f"caf{LETTER}", f"kad{LETTER}"}
    assert all(row["novel"] == (row["text"] not in known) for row in rows)
    novel = in_pipe(*asked, corpora["parts"], "--novel").splitlines()
    assert not known & {json.loads(line)["text"] for line in novel}


def test_unique_documents_are_different_as_texts(corpora):
    asked = ("generate", "--model", "ngram", "--seed", 1, "-n", 200, "--unique", "--corpus")
    texts = in_pipe(*asked, corpora["parts"]).decode().splitlines()
    assert len({nfc(text) for text in texts}) == len(texts) == 200


def test_a_session_knows_the_word_however_it_is_typed(corpora, monkeypatch):
    def said(form, corpus):
        lines = [f"caf{PARTS}", ":force -", f":score caf{PARTS}", f":names 3 suffix={PARTS}"]
        lines += [
            f":top 2 pattern=*{PARTS}",
            "kad",
            f":force {PARTS}",
            f":analyze contains={PARTS}",
            f":loss caf{PARTS}",
            f":mark caf{PARTS}",
            f":go caf{PARTS}",
            f":chain ban:letters={PARTS}",
        ]
        monkeypatch.setattr(sys, "stdin", io.StringIO(form("\n".join(lines))))
        return in_pipe(
            "repl", "--model", "ngram", "--seed", 1, "--json", "--corpus", corpus
        ).decode()

    events = said(str, corpora["parts"])
    assert events == said(nfc, corpora["composed"])
    completed = [json.loads(line) for line in events.splitlines() if '"completed"' in line]
    assert [each["known"] for each in completed] == [True]


@pytest.fixture
def table_in_parts(place):
    """The corpus `w`: a table whose column, values and words have letters in parts."""
    rows = [f"{word}\t{PARTS if PARTS in word else 'a'}" for word in WORDS]
    data = "\n".join([f"word\ttr{PARTS}s", *rows, ""])
    described = {"tokgen_api": 1, "title": "w", "license": "CC0-1.0", "language": "none"}
    described |= {"source": "made for this test", "tokenizer": "alphabet", "model": "ngram"}
    described["data"] = {
        "file": "words.tsv",
        "sha256": hashlib.sha256(data.encode()).hexdigest(),
        "rows": len(WORDS),
        "columns": {f"tr{PARTS}s": "its vowel"},
    }
    files = {"more_words/__init__.py": "", "more_words/words.tsv": data}
    files["more_words/corpus.yaml"] = yaml.safe_dump(described)
    place.install("more-words", files, {"corpora": {"w": "more_words:corpus.yaml"}})
    with place.found():
        yield


@pytest.mark.usefixtures("table_in_parts")
@pytest.mark.parametrize("form", [str, nfc])
def test_columns_and_values_are_chosen_in_either_form(form):
    shown = json.loads(
        in_pipe("corpora", "show", "w", "--json", "--where", form(f"tr{PARTS}s={PARTS}"))
    )
    assert shown["documents"] == sum(PARTS in word for word in WORDS)
