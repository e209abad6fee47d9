"""The model that a corpus' card names for what is given, and how it is chosen."""

from __future__ import annotations

import hashlib
import re

import pytest
import yaml
from words import WORDS

from tokgen.corpus.card import open_package
from tokgen.errors import PluginError, RequestError
from tokgen.text_model.loading import load
from tokgen.training.kept import kept_path
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

DATA = "word\tcolour\n" + "".join(
    f"{word}\t{'red' if word[0] in 'bd' else 'white'}\n" for word in WORDS
)


def card(**changes):
    data = {"file": "words.tsv", "sha256": hashlib.sha256(DATA.encode()).hexdigest()}
    data |= {"rows": len(WORDS), "columns": {"colour": "by its first letter"}}
    told = {"tokgen_api": 1, "title": "Words", "license": "CC0-1.0", "language": "none"}
    return told | {"source": "made for this test", "model": "bigram", "data": data} | changes


@pytest.fixture
def write_card(place, small_plugins):
    """Writes the card of an installed corpus, beside which two checkpoints lie."""
    folder = place.folder / "coloured"

    def write(**changes):
        (folder / "card.yaml").write_text(yaml.safe_dump(card(**changes)))

    files = {"coloured/__init__.py": "", "coloured/words.tsv": DATA}
    place.install("coloured", files, {"corpora": {"coloured": "coloured:card.yaml"}})
    write()
    with place.found():
        for name, columns in (("plain", []), ("told", ["colour"])):
            recipe = Recipe(corpus="coloured", model="told", condition_on=columns)
            train(plan(recipe)).checkpoint.save(folder / f"{name}.safetensors")
        yield write


SHIPPED = {"plain": "plain.safetensors", "told": "told.safetensors"}


def test_the_card_names_the_model_that_is_told(write_card):
    write_card(checkpoints=SHIPPED, given="told")
    for asked in (None, "shipped"):
        chosen = choose(ModelRequest("coloured", checkpoint=asked, given={"colour": "red"}))
        assert chosen.said == "shipped with coloured as told"
    model = load("coloured", given={"colour": "red"})
    assert model.given == {"colour": "red"}
    assert model.next().given == {"colour": "red"}


def test_what_the_user_has_trained_goes_before_it(write_card):
    write_card(checkpoints=SHIPPED, given="told")
    planned = plan(Recipe(corpus="coloured", model="told", condition_on=["colour"], seed=7))
    kept_path(planned).parent.mkdir(parents=True)
    train(planned).checkpoint.save(kept_path(planned))
    asked = ModelRequest("coloured", given={"colour": "red"})
    assert choose(asked).said == f"what you last trained: {kept_path(planned)}"
    asked = ModelRequest("coloured", checkpoint="shipped", given={"colour": "red"})
    assert choose(asked).said == "shipped with coloured as told"


def test_without_the_key_the_model_must_be_named(write_card):
    write_card(checkpoints=SHIPPED)
    with pytest.raises(RequestError, match="is told colour is not known: its card names none"):
        choose(ModelRequest("coloured", given={"colour": "red"}))
    chosen = choose(ModelRequest("coloured", "told", given={"colour": "red"}))
    assert chosen.said == "shipped with coloured as told"
    with pytest.raises(RequestError, match="No 'plain' checkpoint of 'coloured' can be told"):
        choose(ModelRequest("coloured", "plain", given={"colour": "red"}))


def test_a_model_has_all_the_shipped_checkpoints_that_hold_it(write_card):
    write_card(checkpoints={"told": "plain.safetensors", "by-colour": "told.safetensors"})
    for asked in (None, "shipped"):
        chosen = choose(ModelRequest("coloured", "told", checkpoint=asked, given={"colour": "red"}))
        assert chosen.said == "shipped with coloured as by-colour"


WRONG = [
    ({"model": "told-network"}, {}, "No 'told-network' checkpoint of 'coloured' can be"),
    ({"model": "bigram"}, {"colour": "red"}, "The model 'bigram' cannot be told a column."),
    ({"checkpoint": "shipped:plain"}, {"colour": "red"}, "so that colour=red cannot be given."),
]


@pytest.mark.parametrize(("asked", "given", "said"), WRONG)
def test_where_a_model_cannot_be_told_a_shipped_one_is_named(write_card, asked, given, said):
    write_card(checkpoints=SHIPPED)
    with pytest.raises(RequestError, match=re.escape(said)) as refused:
        load("coloured", given=given, **asked)
    assert "The checkpoint shipped:told can be told colour." in str(refused.value)


@pytest.mark.parametrize("asked", [each for each, _, _ in WRONG])
def test_columns_and_values_that_the_corpus_lacks_are_told(write_card, asked):
    write_card(checkpoints=SHIPPED)
    with pytest.raises(RequestError, match=r"'coloured' has no column 'age'\. There is: colour\."):
        load("coloured", given={"age": "3"}, **asked)
    if "model" in asked:
        lacks = r"No row of 'coloured' has colour=blue\. There are: red, white\."
        with pytest.raises(RequestError, match=lacks):
            load("coloured", given={"colour": "blue"}, **asked)


def test_the_key_names_a_checkpoint_of_the_card(write_card):
    write_card(checkpoints=SHIPPED, given="tld")
    with pytest.raises(PluginError, match="'given' names no checkpoint of the card: 'tld'"):
        open_package("coloured")
