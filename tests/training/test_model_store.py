"""Which checkpoint a request means, in the order that the module states."""

from __future__ import annotations

import numpy as np
import pytest
from small_plugins import Bigram
from words import words_file

from tokgen.corpus.opening import open_corpus
from tokgen.errors import PluginError, RequestError
from tokgen.paths import make_folder
from tokgen.training import default_training
from tokgen.training.kept import cached_path, kept_path, trained_folder, trained_models
from tokgen.training.kept_models import kept_models
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train


@pytest.fixture
def corpus(small_plugins, tmp_path):
    return words_file(tmp_path)


def kept_as_before(corpus, model, **recipe):
    """Where tokgen kept it when there was one for each model and corpus."""
    path = trained_folder() / open_corpus(corpus).fingerprint[:16] / f"{model}.safetensors"
    return trained_at(path, corpus, model=model, **recipe)


def trained_at(path, corpus, **recipe):
    make_folder(path.parent)
    train(plan(Recipe(corpus=corpus, **recipe))).checkpoint.save(path)
    return path


def test_the_default_recipe_is_trained_once(corpus, monkeypatch):
    first = choose(ModelRequest(corpus, "bigram"))
    assert first.said.startswith(
        "trained now by the default recipe, tokenizer characters since the file holds nothing but "
        "a-z. On held-out documents the model has "
    )
    monkeypatch.delattr(default_training, "train")
    second = choose(ModelRequest(corpus, "bigram"))
    assert second.said.startswith("trained before by the default recipe: ")
    assert second.checkpoint.metadata == first.checkpoint.metadata


def test_a_default_model_with_a_doubt_says_it(corpus):
    said = choose(ModelRequest(corpus, "forgetful")).said
    assert "since the file holds nothing but a-z. The validation loss was " in said


def test_options_are_trained_for_and_not_kept(corpus):
    asked = ModelRequest(corpus, "ngram", options={"order": "2"})
    for _ in range(2):
        chosen = choose(asked)
        assert chosen.said.startswith("trained now")
        assert chosen.checkpoint.model.options.order == 2
    assert choose(ModelRequest(corpus, "ngram")).checkpoint.model.options.order == 5


def test_what_was_last_trained_goes_before_the_default(corpus):
    assert trained_models(open_corpus(corpus)) == []
    path = kept_as_before(corpus, "ngram", options={"order": 3})
    assert trained_models(open_corpus(corpus)) == ["ngram"]
    chosen = choose(ModelRequest(corpus, "ngram"))
    assert chosen.said == f"what you last trained: {path}"
    assert chosen.checkpoint.model.options.order == 3
    assert choose(ModelRequest(corpus, "ngram", options={"order": 3})).said == chosen.said
    assert choose(ModelRequest(corpus, "ngram", options={"order": 2})).said.startswith(
        "trained now"
    )


def test_what_was_last_trained_is_named_where_its_plugin_is_not_there(corpus, monkeypatch):
    path = kept_as_before(corpus, "ngram", options={"order": 3})
    monkeypatch.setenv("TOKGEN_DISABLE_PLUGINS", "ngram")
    with pytest.raises(RequestError, match="is disabled by TOKGEN_DISABLE_PLUGINS") as raised:
        choose(ModelRequest(corpus, "ngram"))
    assert str(raised.value).endswith(f" It is what you last trained: {path}")


def test_a_file_that_is_named_goes_before_all(corpus, tmp_path):
    path = trained_at(tmp_path / "mine", corpus, model="bigram", tokenizer="started")
    chosen = choose(ModelRequest(checkpoint=str(path)))
    assert chosen.said == str(path)
    assert chosen.checkpoint.metadata.tokenizer.name == "started"
    with pytest.raises(RequestError, match="holds the model 'bigram', not 'ngram'"):
        choose(ModelRequest(model="ngram", checkpoint=str(path)))


def test_options_of_parts_are_compared_as_they_are_typed(corpus):
    kept_as_before(corpus, "blend", options={"parts": "bigram,ngram:order=2"})
    asked = {"parts": "bigram, ngram:order=2"}
    assert choose(ModelRequest(corpus, "blend", options=asked)).said.startswith(
        "what you last trained"
    )


def test_what_is_kept_is_taken_by_its_name(corpus):
    for order in (2, 3):
        planned = plan(Recipe(corpus=corpus, model="ngram", options={"order": order}))
        trained_at(kept_path(planned), corpus, model="ngram", options={"order": order})
    _, first = kept_models()
    chosen = choose(ModelRequest(checkpoint=f"kept:{first.name}"))
    assert (chosen.said, chosen.checkpoint.model.options.order) == (str(first.path), 2)
    with pytest.raises(RequestError, match="'ngram' is the beginning of 2 models"):
        choose(ModelRequest(checkpoint="kept:ngram"))
    with pytest.raises(RequestError, match="holds the model 'ngram', not 'bigram'"):
        choose(ModelRequest(model="bigram", checkpoint=f"kept:{first.name}"))


def test_what_is_shipped():
    assert (
        choose(ModelRequest(model="mlp", checkpoint="shipped")).said == "shipped with indian-names"
    )
    with pytest.raises(RequestError, match="No 'ngarm' checkpoint is shipped"):
        choose(ModelRequest(model="ngarm", checkpoint="shipped"))
    with pytest.raises(RequestError, match="No checkpoint 'mlpp' is shipped"):
        choose(ModelRequest(checkpoint="shipped:mlpp"))


def test_a_model_that_is_broken_is_not_kept(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(Bigram, "next_logprobs", lambda self, prefixes: np.full(3, np.nan))
    with pytest.raises(PluginError, match="failed in next_logprobs"):
        choose(ModelRequest(corpus, "bigram"))
    assert not list(tmp_path.rglob("*.safetensors"))


@pytest.mark.parametrize("homes", [["XDG_CACHE_HOME"], ["XDG_CACHE_HOME", "XDG_DATA_HOME"]])
def test_a_cache_that_cannot_be_written_costs_a_sentence(corpus, tmp_path, monkeypatch, homes):
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    for home in homes:
        monkeypatch.setenv(home, str(blocked))
    for _ in range(2):
        chosen = choose(ModelRequest(corpus, "bigram"))
        assert chosen.checkpoint.metadata.model.name == "bigram"
        assert chosen.said.endswith(
            "It is not kept, so that the next command trains it again. Cannot "
            f"make the folder {str(cached_path(open_corpus(corpus), 'bigram').parent)!r}: "
            f"{str(blocked)!r} is not a folder."
        )


def test_what_is_damaged_in_the_cache_is_trained_again(corpus):
    path = cached_path(open_corpus(corpus), "bigram")
    choose(ModelRequest(corpus, "bigram"))
    path.write_bytes(path.read_bytes()[:-1])
    assert choose(ModelRequest(corpus, "bigram")).said.startswith("trained now")
    assert choose(ModelRequest(corpus, "bigram")).said.startswith("trained before")


def test_of_what_was_trained_the_last_that_fits_is_taken(corpus):
    for order in (2, 3):
        planned = plan(Recipe(corpus=corpus, model="ngram", options={"order": order}))
        trained_at(kept_path(planned), corpus, model="ngram", options={"order": order})
    orders = [
        choose(ModelRequest(corpus, "ngram", options=asked)).checkpoint.model.options.order
        for asked in ({}, {"order": 2}, {"order": "3"})
    ]
    assert orders == [3, 2, 3]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"where": {"gender": "f"}}, "trained on all its rows, not only on those with gender=f:"),
        (
            {"model": "mlp", "options": {"hidden": 7}},
            "No 'mlp' checkpoint with these options is shipped with",
        ),
        ({"model": "nosuch"}, "No 'nosuch' checkpoint is shipped with 'indian-names'. There is: "),
    ],
)
def test_what_is_not_shipped(asked, said):
    with pytest.raises(RequestError) as refused:
        choose(ModelRequest(checkpoint="shipped", **asked))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"options": {"order": "3"}}, "has other options: those of a checkpoint are fixed"),
        ({"options": {"nonsense": "7"}}, "nonsense"),
        ({"where": {"a": "b"}}, "holds a model of all rows of "),
    ],
)
def test_what_cannot_change_a_checkpoint_is_refused(corpus, tmp_path, asked, said):
    path = trained_at(tmp_path / "mine", corpus, model="ngram", options={"order": 2})
    with pytest.raises(RequestError) as refused:
        choose(ModelRequest(checkpoint=str(path), **asked))
    assert said in str(refused.value)
    same = ModelRequest(model="ngram", options={"order": "2"}, checkpoint=str(path))
    assert choose(same).said == str(path)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"model": "gru"}, "'shipped:mlp' holds the model 'mlp', not 'gru'"),
        ({"options": {"hidden": "7"}}, "those of a checkpoint are fixed"),
        ({"where": {"gender": "f"}}, "'shipped:mlp' holds a model of all rows of 'indian-names'"),
    ],
)
def test_what_cannot_change_a_shipped_checkpoint_is_refused(asked, said):
    with pytest.raises(RequestError) as refused:
        choose(ModelRequest(checkpoint="shipped:mlp", **asked))
    assert said in str(refused.value)
