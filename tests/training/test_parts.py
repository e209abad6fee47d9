"""Models inside a model: opened, saved, loaded, fitted again; no tensor's name is ambiguous."""

from __future__ import annotations

import json

import numpy as np
import pytest
from small_plugins import Mixture
from words import coloured, words_file

from tokgen.errors import RequestError
from tokgen.plugin_api.options import parse_options
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.registry import load_model
from tokgen.text_model.text_model import TextModel
from tokgen.training import plan as planning
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.tensor_file import read_tensors
from tokgen.training.tensor_names import all_arrays, arrays_by_model
from tokgen.training.train import train

NETWORK = "network:steps=20,evaluate_every=5"
WRITTEN = json.dumps([NETWORK, "ngram:order=3", "bigram"])


@pytest.fixture(autouse=True)
def _registered(small_plugins):
    pass


def mixture(folder, parts, **more):
    recipe = Recipe(corpus=words_file(folder), model="blend", options={"parts": parts}, **more)
    return plan(recipe.model_copy(update={"seed": 2}))


def alone(folder, model, options, **more):
    recipe = Recipe(corpus=words_file(folder), model=model, options=options, seed=2, **more)
    return train(plan(recipe)).checkpoint.model


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mlp,ngram:order=3", ("mlp", "ngram:order=3")),
        (" mlp , a/b.safetensors", ("mlp", "a/b.safetensors")),
        ('["ngram:order=3,k=2", "mlp"]', ("ngram:order=3,k=2", "mlp")),
        ("", ()),
        (("mlp",), ("mlp",)),
        (["mlp"], ("mlp",)),
    ],
)
def test_parts_as_they_are_typed(text, parts):
    assert parse_options(Mixture.Options, {"parts": text}, "Model").parts == parts


def test_each_part_is_the_model_that_a_training_of_its_own_makes(tmp_path):
    model = train(mixture(tmp_path, WRITTEN)).checkpoint.model
    by_itself = {
        NETWORK: ("network", {"steps": 20, "evaluate_every": 5}),
        "ngram:order=3": ("ngram", {"order": 3}),
        "bigram": ("bigram", {}),
    }
    assert list(model.parts) == list(by_itself)
    for written, (name, options) in by_itself.items():
        expected = alone(tmp_path, name, options).arrays()
        for key, array in model.parts[written].arrays().items():
            np.testing.assert_array_equal(array, expected[key])


@pytest.mark.parametrize("refit", [False, True])
def test_what_is_saved_is_loaded_with_all_parts(tmp_path, refit):
    checkpoint = train(mixture(tmp_path, WRITTEN, refit=refit)).checkpoint
    path = tmp_path / "m.safetensors"
    checkpoint.save(path)
    loaded = Checkpoint.load(path)
    assert loaded.metadata == checkpoint.metadata
    assert list(loaded.metadata.plugins) == [
        "tokenizers:characters",
        *(f"models:{name}" for name in ("blend", "network", "ngram", "bigram")),
    ]
    prefixes = Prefixes.of([[], [1, 4], [2, 3, 13]]).last(2)
    expected = checkpoint.model.next_logprobs(prefixes)
    np.testing.assert_array_equal(loaded.model.next_logprobs(prefixes), expected)
    parts = [
        part.next_logprobs(prefixes.last(part.context_length))
        for part in loaded.model.parts.values()
    ]
    by_hand = np.log(sum(w * np.exp(p) for w, p in zip(loaded.model.weights, parts, strict=True)))
    np.testing.assert_allclose(by_hand, expected)
    assert [*TextModel(loaded).generate(3, seed=0)] == [*TextModel(checkpoint).generate(3, seed=0)]


def test_a_refit_fits_the_parts_on_all_documents_for_the_steps_found(tmp_path):
    options = {"steps": 60, "evaluate_every": 5, "patience": 2, "learning_rate": 0.1}
    written = "network:" + ",".join(f"{key}={value}" for key, value in options.items())
    model = train(mixture(tmp_path, json.dumps([written, "bigram"]), refit=True)).checkpoint.model
    expected = alone(tmp_path, "network", options, refit=True)
    assert model.parts[written].arrays().keys() == expected.arrays().keys()
    for key, array in expected.arrays().items():
        np.testing.assert_array_equal(model.parts[written].arrays()[key], array)
    bigram = alone(tmp_path, "bigram", {}, refit=True)
    np.testing.assert_array_equal(model.parts["bigram"].counts, bigram.counts)


def test_parts_inside_parts(tmp_path):
    inner = 'blend:{"parts": ["ngram:order=2", "bigram"]}'
    checkpoint = train(mixture(tmp_path, json.dumps([inner, "ngram:order=2"]))).checkpoint
    path = tmp_path / "m.safetensors"
    checkpoint.save(path)
    names = set(read_tensors(path))
    assert "weights" in names
    assert f"{inner}/weights" in names
    assert f"{inner}/bigram/counts" in names
    assert f"{inner}/ngram:order=2/grams.1" in names
    assert "ngram:order=2/grams.1" in names
    assert Checkpoint.load(path).metadata == checkpoint.metadata


def test_checkpoints_as_parts_whatever_their_paths(tmp_path):
    """Paths hold `/`, `.` and `%`, and one of them begins as another does."""
    paths = [tmp_path / "a", tmp_path / "a%2Fb.x", tmp_path / "a.safetensors"]
    for path, order in zip(paths, (1, 2, 3), strict=True):
        recipe = Recipe(corpus=words_file(tmp_path), model="ngram", options={"order": order})
        train(plan(recipe)).checkpoint.save(path)
    written = [str(path) for path in paths]
    checkpoint = train(mixture(tmp_path, written)).checkpoint
    checkpoint.save(tmp_path / "m")
    for path in paths:
        path.unlink()
    loaded = Checkpoint.load(tmp_path / "m")
    assert [part.options.order for part in loaded.model.parts.values()] == [1, 2, 3]
    assert list(loaded.model.parts) == written


def test_names_of_tensors_are_read_as_they_were_meant():
    model_class = load_model("bigram")

    class Named(model_class):
        names = ()

        def arrays(self):
            return {name: np.array([number]) for number, name in enumerate(self.names)}

    def of(names, parts=()):
        model = Named(Named.Options(), None, dict(parts))
        model.names = names
        return model

    inner = of(["x", "a/x", "%2F"])
    model = of(["x", "a/x", "a%2Fx", "p.x"], {"a": of(["x"]), "a/x": inner, "": of(["y"])})
    arrays = all_arrays(model)
    assert len(arrays) == 4 + 1 + 3 + 1
    found = arrays_by_model(arrays)
    assert {path: set(own) for path, own in found.items()} == {
        (): {"x", "a/x", "a%2Fx", "p.x"},
        ("a",): {"x"},
        ("a/x",): {"x", "a/x", "%2F"},
        ("",): {"y"},
    }
    for name, array in model.arrays().items():
        assert found[()][name] is array or (found[()][name] == array).all()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["ngarm"], "There is no model 'ngarm'. Did you mean 'ngram'"),
        (["ngram:oder=2"], "Model 'ngram' has no option 'oder'"),
        ("ngram:order=2,k=3", "The part 'k=3' is no model; a part with several options"),
        (["bigram", "bigram"], "The part 'bigram' is named twice"),
    ],
)
def test_wrong_parts_are_refused(tmp_path, parts, said):
    with pytest.raises(RequestError) as raised:
        train(mixture(tmp_path, parts))
    assert said in str(raised.value)


def test_a_part_with_other_tokens_is_refused(tmp_path):
    path = tmp_path / "m.safetensors"
    recipe = Recipe(corpus=words_file(tmp_path), model="bigram", tokenizer="started")
    train(plan(recipe)).checkpoint.save(path)
    with pytest.raises(RequestError, match="has other tokens or columns than the corpus"):
        train(mixture(tmp_path, [str(path)]))


def test_a_part_has_columns_only_if_it_reads_them(tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "open_corpus", lambda name, column: coloured())
    recipe = Recipe(model="told-blend", condition_on=["colour"], options={"parts": "told,bigram"})
    checkpoint = train(plan(recipe)).checkpoint
    path = tmp_path / "m.safetensors"
    checkpoint.save(path)
    columns = {"colour": ("red", "white")}
    for model in (checkpoint.model, Checkpoint.load(path).model):
        assert model.vocabulary.columns == columns
        assert model.parts["told"].vocabulary.columns == columns
        assert model.parts["bigram"].vocabulary.columns == {}


def test_a_network_that_is_interrupted_is_no_part(tmp_path):
    def interrupt(progress):
        if progress.loss is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(mixture(tmp_path, [NETWORK]), report=interrupt)
