"""Checkpoints whose hash is right and whose content cannot be: each is refused in a sentence."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import tokgen
from tokgen.corpus.card import open_package
from tokgen.errors import RequestError
from tokgen.plugin_api.weights import LARGEST, check_weights
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.tensor_file import read_tensors, read_text, write_tensors

NETWORKS = ("mlp", "gru")


@pytest.fixture(scope="module")
def shipped():
    """The text and the tensors of each shipped checkpoint."""
    package = open_package("indian-names")
    paths = {name: package.path(package.card.checkpoints[name]) for name in (*NETWORKS, "ngram")}
    return {name: (read_text(path), read_tensors(path)) for name, path in paths.items()}


@pytest.fixture
def forge(shipped, tmp_path):
    def forged(name, **changed):
        text, arrays = shipped[name]
        path = tmp_path / "forged.safetensors"
        kept = {key: changed.get(key.replace(".", "_"), array) for key, array in arrays.items()}
        write_tensors(path, {k: array for k, array in kept.items() if array is not None}, text)
        return path

    return forged


def refusal(path):
    with pytest.raises(RequestError) as refused:
        Checkpoint.load(path)
    told = str(refused.value)
    assert repr(str(path)) in told
    assert "\n" not in told
    return told


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("value", [1e308, -1e39, np.nan, np.inf])
def test_weights_that_no_training_gives(forge, shipped, name, value):
    weights = shipped[name][1]["output.weight"].astype(np.float64)
    weights[3, 5] = value
    told = refusal(forge(name, output_weight=weights))
    assert "tensor 'output.weight' holds" in told
    assert ("more than float32 can hold" in told) == np.isfinite(value)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("kind", [bool, np.int8, np.uint64])
def test_weights_that_are_no_floating_point_numbers(forge, shipped, name, kind):
    bias = shipped[name][1]["output.bias"].astype(kind)
    told = refusal(forge(name, output_bias=bias))
    assert f"tensor 'output.bias' holds {np.dtype(kind)}, not floating-point numbers" in told


@pytest.mark.parametrize("name", NETWORKS)
def test_the_largest_weights_give_finite_rows(forge, shipped, name):
    arrays = shipped[name][1]
    path = forge(
        name, **{each.replace(".", "_"): np.sign(arrays[each]) * LARGEST for each in arrays}
    )
    rows = tokgen.load(checkpoint=str(path)).next("ab").logprobs
    assert np.exp(rows).sum() == pytest.approx(1)


def test_a_weight_of_float32_is_the_largest_that_is_taken():
    check_weights({"a": np.array([LARGEST, -LARGEST]), "b": np.zeros((0, 3), np.float32)})
    with pytest.raises(ValueError, match="tensor 'a' holds"):
        check_weights({"a": np.array([np.nextafter(LARGEST, np.inf)])})


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (torch.bfloat16, "BF16"),
        (torch.float8_e4m3fn, "F8_E4M3"),
        (torch.float8_e5m2, "F8_E5M2"),
        (torch.complex64, "C64"),
    ],
)
def test_types_that_are_not_read(shipped, tmp_path, kind, told):
    text, arrays = shipped["mlp"]
    tensors = {name: torch.tensor(array) for name, array in arrays.items()}
    tensors["hidden.0.bias"] = tensors["hidden.0.bias"].to(kind)
    path = tmp_path / "forged.safetensors"
    save_file(tensors, path, {"tokgen": text, "sha256": "0" * 64})
    assert f"The tensor 'hidden.0.bias' of {str(path)!r} holds numbers of the type {told};" in (
        refusal(path)
    )


def test_metadata_that_are_nested(shipped, tmp_path):
    text, _ = shipped["mlp"]
    header = json.dumps({"__metadata__": {"tokgen": {"text": text}}}).encode()
    path = tmp_path / "forged.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    refusal(path)
    write_tensors(path, shipped["mlp"][1], '{"format": 1, "model": ' + "[" * 100_000)
    assert "was not written by tokgen" in refusal(path)


@pytest.mark.parametrize("length", range(5))
def test_an_ngram_without_one_level(forge, shipped, length):
    arrays = shipped["ngram"][1]
    empty = {f"{kind}_{length}": arrays[f"{kind}.{length}"][:0] for kind in ("grams", "counts")}
    if length == 4:  # As of a corpus whose documents are all shorter.
        Checkpoint.load(forge("ngram", **empty))
        return
    told = refusal(forge("ngram", **empty))
    lost = "grams.0 holds no token" if length == 0 else f"no n-gram of grams.{length}"
    assert lost in told
    told = refusal(forge("ngram", **{f"counts_{length}": None}))
    assert f"tensor 'counts.{length}' is missing" in told


@pytest.mark.parametrize("kind", [bool, np.float64])
def test_counts_that_are_no_integers(forge, shipped, kind):
    counts = shipped["ngram"][1]["counts.2"].astype(kind)
    assert "counts.2 are not two lists of integers" in refusal(forge("ngram", counts_2=counts))


def test_counts_that_no_corpus_has(forge, shipped):
    counts = np.full_like(shipped["ngram"][1]["counts.2"], 2**64 - 1, dtype=np.uint64)
    assert "hold what cannot be counts" in refusal(forge("ngram", counts_2=counts))
