"""Checkpoints: what is saved comes back; what is damaged is refused in a sentence."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file
from small_plugins import Bigram, Pairs
from words import words_file

import tokgen
from tokgen.corpus.card import open_package
from tokgen.errors import PluginError, RequestError, TokgenError
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.metadata import read_metadata
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.tensor_file import write_tensors
from tokgen.training.tensor_names import all_arrays
from tokgen.training.train import train


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    words = folder / "words.txt"
    words.write_text("\n".join(f"{a}{b}na" for a in "bdk" for b in "aeiou") + "\n")
    checkpoint = train(
        plan(Recipe(corpus=str(words), model="ngram", options={"order": 3}))
    ).checkpoint
    path = folder / "m.safetensors"
    checkpoint.save(path)
    return checkpoint, path


def test_what_is_saved_comes_back(trained):
    checkpoint, path = trained
    again = Checkpoint.load(path)
    assert again.metadata == checkpoint.metadata == read_metadata(path)
    prefixes = Prefixes.of([[], [1, 4], [2, 3]]).last(2)
    expected = checkpoint.model.next_logprobs(prefixes)
    np.testing.assert_array_equal(again.model.next_logprobs(prefixes), expected)


def test_no_flipped_bit_is_taken_silently(trained, tmp_path):
    _, path = trained
    content = path.read_bytes()
    generator = np.random.default_rng(0)
    damaged = tmp_path / "damaged.safetensors"
    for place in generator.integers(0, len(content), 200).tolist():
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(generator.integers(8))
        damaged.write_bytes(flipped)
        with pytest.raises(RequestError) as raised:
            Checkpoint.load(damaged)
        assert str(damaged) in str(raised.value)


def test_no_truncation_is_taken(trained, tmp_path):
    _, path = trained
    content = path.read_bytes()
    damaged = tmp_path / "damaged.safetensors"
    for length in [0, 1, 7, 8, 9, 100, len(content) // 2, len(content) - 1]:
        damaged.write_bytes(content[:length])
        with pytest.raises(RequestError):
            Checkpoint.load(damaged)


def rewritten(path, target, change):
    with safe_open(path, framework="numpy") as file:
        entries = file.metadata()
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    tree = json.loads(entries["tokgen"])
    change(tree, arrays)
    save_file(arrays, target, {**entries, "tokgen": json.dumps(tree)})
    return target


def test_what_is_wrong_with_a_file_is_told_in_a_sentence(trained, tmp_path):
    path = tmp_path / "model.safetensors"
    trained[0].save(str(path))
    content = path.read_bytes()
    header_end = 8 + int.from_bytes(content[:8], "little")
    no_header = content[:8] + b"x" * (header_end - 8) + content[header_end:]
    whole = f"{len(content):,}"
    for damaged, told in [
        (b"", "it is no safetensors file"),
        (b"\xffa story, not a model", "it is no safetensors file"),
        (content[: header_end - 1], "it is cut off"),
        (content[:-1], f"it is cut off after {len(content) - 1:,} of {whole} bytes"),
        (content + b"x", "its header is damaged"),
        (no_header, "its header is damaged"),
    ]:
        path.write_bytes(damaged)
        with pytest.raises(RequestError) as raised:
            Checkpoint.load(str(path))
        assert str(raised.value) == f"{str(path)!r} is not a whole checkpoint: {told}."


def test_a_text_is_no_checkpoint_and_a_checkpoint_no_text(trained, tmp_path):
    text, checkpoint = tmp_path / "words.txt", tmp_path / "model.safetensors"
    text.write_text("Mont Blanc\nEverest\n")
    trained[0].save(str(checkpoint))
    with pytest.raises(RequestError, match=r"is a text, not a checkpoint: give it as `corpus`\.$"):
        tokgen.load(checkpoint=str(text))
    with pytest.raises(RequestError, match=r"holds a checkpoint, not a text: give it as `checkp"):
        tokgen.load(str(checkpoint))


def test_a_newer_format_is_told(trained, tmp_path):
    path = rewritten(trained[1], tmp_path / "x", lambda tree, _: tree.update(format=99))
    with pytest.raises(RequestError, match="has format 99; this tokgen reads format 1"):
        Checkpoint.load(path)


@pytest.mark.parametrize("name", ["ngram", "counts"])
def test_a_file_that_was_written_among_the_distributions_is_still_read(trained, tmp_path, name):
    checkpoint, path = trained[0], tmp_path / "m.safetensors"
    tree = checkpoint.metadata.model_dump(mode="json", exclude={"plugin_files"})
    tree["model"]["name"] = name
    tree["plugins"] = {f"models:{name}": "the file mine.py", "tokenizers:characters": "tokgen 0.1"}
    write_tensors(path, all_arrays(checkpoint.model), json.dumps(tree))
    metadata = read_metadata(path)
    assert metadata.plugins == {"tokenizers:characters": "tokgen 0.1"}
    assert metadata.plugin_files == {f"models:{name}": "mine.py"}
    if name == "ngram":
        assert Checkpoint.load(path).metadata == metadata
        return
    with pytest.raises(RequestError, match=r"had it from the file 'mine\.py'\.") as raised:
        Checkpoint.load(path)
    assert raised.value.field == "plugin"


def test_a_tensor_of_another_shape_is_told(trained, tmp_path):
    def shorten(_, arrays):
        arrays["counts.1"] = arrays["counts.1"][:-1]

    path = rewritten(trained[1], tmp_path / "x", shorten)
    with pytest.raises(RequestError, match="was damaged"):
        Checkpoint.load(path)


def test_another_programs_file_is_told(tmp_path):
    save_file({"weight": np.zeros(3)}, tmp_path / "x")
    with pytest.raises(RequestError, match="was not written by tokgen"):
        Checkpoint.load(tmp_path / "x")


def test_what_cannot_be_written_leaves_what_was_there(trained, tmp_path):
    checkpoint, _ = trained
    with pytest.raises(TokgenError, match="Cannot write"):
        checkpoint.save(tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("here")
    with pytest.raises(TokgenError, match="Cannot write"):
        checkpoint.save(blocked / "m.safetensors")
    assert blocked.read_text() == "here"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file"]


# What is saved is read back before it takes the place of what was there.


@pytest.fixture
def with_pairs(small_plugins, tmp_path):
    recipe = Recipe(corpus=words_file(tmp_path), model="bigram", tokenizer="pairs:count=2")
    return train(plan(recipe)).checkpoint


def test_options_of_the_tokenizer_are_in_the_file(with_pairs, tmp_path):
    path = tmp_path / "m.safetensors"
    with_pairs.save(path)
    record = read_metadata(path).tokenizer
    assert (record.name, record.options) == ("pairs", {"count": 2, "most": 9})
    assert Checkpoint.load(path).tokenizer.to_json() == with_pairs.tokenizer.to_json()


def test_what_is_read_back_is_the_same_and_another_object(with_pairs):
    again = with_pairs.read_back()
    assert again.metadata == with_pairs.metadata
    assert again.model is not with_pairs.model
    np.testing.assert_array_equal(again.model.counts, with_pairs.model.counts)


def forget_a_unit(cls, state):
    return cls(state["units"][:-1], state["seen"])


def fail(cls, state):
    raise ValueError("no such state")


@pytest.mark.parametrize(
    ("owner", "method", "replacement", "said"),
    [
        (Pairs, "from_json", classmethod(forget_a_unit), "is not what it was when it is read back"),
        (Pairs, "from_json", classmethod(fail), "cannot read back what it saved: no such state"),
        (
            Bigram,
            "take_arrays",
            lambda self, arrays: setattr(self, "counts", arrays["counts"] + 1),
            "has another tensor 'counts' when it is read back",
        ),
        (
            Bigram,
            "take_arrays",
            lambda self, arrays: setattr(self, "counts", arrays["counts"][1:]),
            "has another tensor 'counts' when it is read back",
        ),
    ],
)
def test_what_is_read_back_as_something_else_leaves_what_was_there(
    with_pairs, tmp_path, monkeypatch, owner, method, replacement, said
):
    path = tmp_path / "m.safetensors"
    path.write_text("what was there")
    monkeypatch.setattr(owner, method, replacement)
    with pytest.raises(PluginError, match=said) as raised:
        with_pairs.save(path)
    name = "tokenizer 'pairs'" if owner is Pairs else "model 'bigram'"
    assert f"The {name} of the distribution tokgen-small 0.1.0" in str(raised.value)
    assert path.read_text() == "what was there"
    assert {each.name for each in tmp_path.iterdir()} == {"m.safetensors", "words.txt", "site"}


def test_a_state_that_json_cannot_hold_is_told(small_plugins, tmp_path, monkeypatch):
    monkeypatch.setattr(Pairs, "to_json", lambda self: {"units": np.array(self.units)})
    recipe = Recipe(corpus=words_file(tmp_path), model="bigram", tokenizer="pairs")
    with pytest.raises(
        PluginError, match=r"tokenizer 'pairs' .* failed in to_json: its value 'units'"
    ):
        train(plan(recipe))


def test_tensors_of_nobody_are_told(with_pairs, tmp_path):
    path = tmp_path / "m.safetensors"
    text = with_pairs.metadata.model_dump_json()
    write_tensors(path, {"counts": with_pairs.model.counts, "a/counts": np.ones(3)}, text)
    with pytest.raises(RequestError, match="does not fit together: there are tensors of parts"):
        Checkpoint.load(path)


def test_a_checkpoint_without_columns_has_none(trained):
    assert read_metadata(trained[1]).columns == {}
    assert Checkpoint.load(trained[1]).model.vocabulary.columns == {}


def test_shipped_checkpoints_are_loaded_as_they_are():
    card = open_package("indian-names").card
    for name in card.checkpoints:
        path = open_package("indian-names").path(card.checkpoints[name])
        loaded = Checkpoint.load(path)
        assert loaded.read_back().metadata == loaded.metadata == read_metadata(path)


def test_an_option_that_the_plugin_has_been_given_since_is_no_loss(trained, tmp_path):
    checkpoint, path = Checkpoint.load(trained[1]), tmp_path / "m.safetensors"
    record = checkpoint.metadata.model
    fewer = dict(list(record.options.items())[:-1])
    older = record.model_copy(update={"options": fewer})
    checkpoint.metadata = checkpoint.metadata.model_copy(update={"model": older})
    checkpoint.save(path)
    assert read_metadata(path).model.options == fewer
    other = record.model_copy(update={"options": {**record.options, next(iter(fewer)): "another"}})
    assert not other.is_kept_by(record)
    assert not record.is_kept_by(older)
