"""The model that a corpus' card names for what is given, and how it is chosen."""

from __future__ import annotations

import hashlib

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


def test_the_key_names_a_checkpoint_of_the_card(write_card):
    write_card(checkpoints=SHIPPED, given="tld")
    with pytest.raises(PluginError, match="'given' names no checkpoint of the card: 'tld'"):
        open_package("coloured")
