"""Every clause of corpora finds the corpus that is made wrong in that way, and no other."""

from __future__ import annotations

import hashlib
import re
import sys

import pytest
import yaml
from installing import Node
from running import tokgen

from tokgen import registry
from tokgen.corpus.opening import open_corpus
from tokgen.errors import PluginError, RequestError
from tokgen.testing import corpora
from tokgen.testing.catalogue import plugin_under_test
from tokgen.testing.outcome import checked
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

WORDS = [a + b + c for a in "bdk" for b in "aeo" for c in "lmn"]
DATA = "word\tkind\n" + "".join(f"{word}\t{word[1]}\n" for word in WORDS)
TOKENIZER = '''
from tokgen_tokenizers.characters import Characters


class Mine(Characters):
    """The letters."""
'''


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def card(data=DATA, **changes):
    described = {"file": "words.tsv", "sha256": sha256(data), "rows": len(WORDS)}
    described["columns"] = {"kind": "its vowel"}
    for key in [key for key in changes if key in ("sha256", "rows", "columns", "file", "colums")]:
        described[key] = changes.pop(key)
    told = {"tokgen_api": 1, "title": "Words", "license": "CC0-1.0", "language": "none"}
    told |= {"source": "made for this test", "model": "ngram", "data": described} | changes
    described = {key: value for key, value in described.items() if value is not None}
    return yaml.safe_dump(told | {"data": described})


class Place:
    """A folder in which one corpus is installed."""

    def __init__(self, folder):
        self.folder = folder

    def install(self, card_text, data=DATA, record=None, entry_points=None):
        files = {"words_corpus/__init__.py": "", "words_corpus/corpus.yaml": card_text}
        files |= {"words_corpus/words.tsv": data, "words_corpus/mine.py": TOKENIZER}
        if record is not None:
            lines = "".join(f"{path},,\n" for path in record)
            files["tokgen_words-0.1.0.dist-info/RECORD"] = lines
        points = {"corpora": {"words": "words_corpus:corpus.yaml"}}
        Node(self.folder).install("tokgen-words", files, points | (entry_points or {}))
        registry.look_again()

    def ship(self, **changes):
        """Train the model of the corpus and ship its checkpoint."""
        recipe = Recipe(corpus="words", model="ngram", options={"order": 2})
        checkpoint = train(plan(recipe)).checkpoint
        metrics = checkpoint.metadata.metrics | changes
        checkpoint.metadata = checkpoint.metadata.model_copy(update={"metrics": metrics})
        checkpoint.save(self.folder / "words_corpus" / "ngram.safetensors")


@pytest.fixture
def words(tmp_path):
    with Node(tmp_path).found():
        yield Place(tmp_path)
    for module in [name for name in sys.modules if name.partition(".")[0] == "words_corpus"]:
        del sys.modules[module]


def outcomes(name="words"):
    plugin = plugin_under_test("corpora", name, {})
    return {outcome.clause.id: outcome for outcome in checked(corpora.CLAUSES, plugin)}


def failed(found):
    return {each: outcome.said for each, outcome in found.items() if outcome.verdict == "failed"}


TOO_FEW = DATA.replace(f"{WORDS[-1]}\t{WORDS[-1][1]}\n", "")
A_SPACE = DATA.replace("bal\ta\n", "bal a\n")
EMPTY_VALUE = DATA.replace("bal\ta\n", "bal\t\n")
CAPITAL = DATA.replace("bal\t", "Bal\t")
ALL_FILES = ["words_corpus/__init__.py", "words_corpus/corpus.yaml", "words_corpus/words.tsv"]

# What is wrong -> (how it is installed, the clause that it violates, what is said).
WRONG = {
    "a misspelt key": ({"card_text": card(titel="Words")}, "card-valid", "Did you mean 'title'"),
    "a misspelt key of the data": (
        {"card_text": card(colums={})},
        "card-valid",
        "'data.colums'.*Did you mean 'columns'",
    ),
    "no hash": ({"card_text": card(sha256=None)}, "card-valid", f"words.tsv is {sha256(DATA)}"),
    "no hash yet": ({"card_text": card(sha256="TODO")}, "card-valid", sha256(DATA)),
    "no card": ({"card_text": "- words"}, "card-valid", "not a table"),
    "another hash": (
        {"card_text": card(sha256="0" * 64)},
        "data-hash",
        f"the line sha256: {sha256(DATA)}",
    ),
    "an unknown tokenizer": (
        {"card_text": card(tokenizer="charcters")},
        "known-plugins",
        "no tokenizer 'charcters'.*'characters'",
    ),
    "an unknown option": (
        {"card_text": card(tokenizer="alphabet:size=3")},
        "known-plugins",
        "no option 'size'",
    ),
    "an unknown model": ({"card_text": card(model="ngrm")}, "known-plugins", "no model 'ngrm'"),
    "no licence": ({"card_text": card(license=" ")}, "licence", "the licence is ' '"),
    "a licence to come": ({"card_text": card(license="TODO")}, "licence", "TODO"),
    "data that the wheel lacks": (
        {"card_text": card(), "record": ALL_FILES[:2]},
        "files-installed",
        "'words.tsv' is no file of the installed distribution",
    ),
    "data outside the package": (
        {"card_text": card(file="../words.tsv")},
        "files-installed",
        "outside its package",
    ),
    "a row too few": (
        {"card_text": card(TOO_FEW), "data": TOO_FEW},
        "rows",
        "has 26 rows, its card says 27",
    ),
    "a column that is not there": (
        {"card_text": card(columns={"sort": "its vowel"})},
        "rows",
        r"declares the columns \['sort'\], its data has \['kind'\]",
    ),
    "a space for a tab": (
        {"card_text": card(A_SPACE), "data": A_SPACE},
        "rows",
        "has 1 column, not 2, with a tab between one and the next: 'bal a'",
    ),
    "an empty value": (
        {"card_text": card(EMPTY_VALUE), "data": EMPTY_VALUE},
        "columns-filled",
        "the column 'kind' is empty",
    ),
    "a letter that is none": (
        {"card_text": card(CAPITAL), "data": CAPITAL},
        "rows-encode",
        "Document 1: Character 'B' at position 1",
    ),
    "nothing to train on": (
        {"card_text": card("ban\n", rows=1, columns={}), "data": "ban\n"},
        "splits",
        "none of 1 documents is for training",
    ),
    "a tokenizer in its package": (
        {
            "card_text": card(tokenizer="mine"),
            "entry_points": {"tokenizers": {"mine": "words_corpus.mine:Mine"}},
        },
        "no-import",
        "the package 'words_corpus' is imported",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_corpus_made_wrong_violates_one_clause(words, wrong):
    installed, clause, said = WRONG[wrong]
    words.install(**installed)
    found = failed(outcomes())
    assert found.keys() == {clause}, found
    assert re.search(said, found[clause], re.DOTALL), found


OF_THE_PACKAGE = {"licence", "files-installed", "no-import"}


@pytest.mark.parametrize(
    "wrong", [each for each, (_, clause, _) in WRONG.items() if clause not in OF_THE_PACKAGE]
)
def test_the_short_check_finds_what_is_wrong_with_card_and_data(words, wrong):
    words.install(**WRONG[wrong][0])
    done = tokgen("corpora", "check", "words")
    assert done.code in (2, 3)
    assert done.err.startswith("tokgen: ") or "✗" in done.out


@pytest.mark.parametrize(
    "wrong",
    [
        each
        for each, (_, clause, _) in WRONG.items()
        if clause in OF_THE_PACKAGE and each != "data outside the package"
    ],
)
def test_the_short_check_says_which_command_checks_the_rest(words, wrong):
    words.install(**WRONG[wrong][0])
    done = tokgen("corpora", "check", "words")
    assert (done.code, done.err.strip()) == (
        0,
        "Not checked here are the licence, the checkpoints and the package: "
        "tokgen plugins check words",
    )


@pytest.mark.parametrize("record", [None, ALL_FILES, ["words_corpus.pth"]])
def test_a_right_corpus_violates_nothing_and_nothing_is_skipped(words, record):
    words.install(card(), record=record)
    assert {outcome.verdict for outcome in outcomes().values()} == {"passed"}


def test_indian_names_violates_nothing_and_nothing_is_skipped():
    found = outcomes("indian-names")
    assert {outcome.verdict for outcome in found.values()} == {"passed"}, found


SHIPPED = {"checkpoints": {"ngram": "ngram.safetensors"}}


def test_a_shipped_checkpoint_reaches_its_loss(words):
    words.install(card(**SHIPPED))
    words.ship()
    assert {outcome.verdict for outcome in outcomes().values()} == {"passed"}
    path = words.folder / "words_corpus" / "words.tsv"
    changed = DATA.replace("bal\t", "bil\t")
    path.write_text(changed)
    (words.folder / "words_corpus" / "corpus.yaml").write_text(card(changed, **SHIPPED))
    found = failed(outcomes())
    assert found["checkpoints-load"] == "it was trained on other data"


def test_a_checkpoint_with_another_loss_is_found(words):
    words.install(card(**SHIPPED))
    words.ship(validation_loss=1.0)
    found = failed(outcomes())
    assert found.keys() == {"checkpoints-loss"}
    assert re.fullmatch(
        r"the validation_loss is \d\.\d{7} nats per token, not 1\.0000000",
        found["checkpoints-loss"],
    )


def test_a_checkpoint_that_cannot_be_read_is_found(words):
    words.install(card(**SHIPPED))
    (words.folder / "words_corpus" / "ngram.safetensors").write_bytes(b"nothing")
    found = outcomes()
    assert failed(found).keys() == {"checkpoints-load"}
    assert found["checkpoints-loss"].verdict == "skipped"


def test_a_checkpoint_that_cannot_be_told_what_is_given_is_found(words):
    words.install(card(**SHIPPED, given="ngram"))
    words.ship()
    assert failed(outcomes()) == {"given-told": "it is told no columns"}


def test_every_clause_is_violated_by_a_corpus():
    violated = {clause for _, clause, _ in WRONG.values()}
    with_checkpoints = {"checkpoints-load", "checkpoints-loss", "given-told"}
    assert violated | with_checkpoints == {each.id for each in corpora.CLAUSES}


def test_opening_a_corpus_tells_the_hash(words):
    words.install(card(sha256="0" * 64))
    with pytest.raises(PluginError, match=sha256(DATA)):
        open_corpus("words")


def test_a_corpus_takes_no_options():
    with pytest.raises(RequestError, match="takes no options"):
        plugin_under_test("corpora", "indian-names", {"size": 3})
