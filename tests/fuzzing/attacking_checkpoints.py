"""Checkpoints: flipped bytes, forged metadata, forged tensors under a true hash."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from mutation import nearly_bytes, nearly_tree
from safetensors.numpy import load, save
from target import Target
from words import words_file

from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.metadata import read_metadata
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.tensor_file import as_file, read_tensors, read_text
from tokgen.training.train import train

SMALL = {"ngram": {"order": 2}, "mlp": {"steps": 2, "hidden": 4, "embedding": 2}}
FLOATS = [np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, 5e-324]
TYPES = [np.float64, np.float32, np.float16, np.int64, np.int8, np.bool_, np.uint16]


def trained(folder):
    """The contents of small checkpoints."""
    corpus = words_file(folder)
    for model, options in SMALL.items():
        path = folder / f"{model}.safetensors"
        train(plan(Recipe(corpus=corpus, model=model, options=options))).checkpoint.save(path)
        yield path


def extremes(dtype):
    """Values that a tensor of this type can hold and no model learns."""
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return st.sampled_from([np.asarray(value, dtype) for value in FLOATS])
    return st.sampled_from([np.iinfo(dtype).min, np.iinfo(dtype).max])


@st.composite
def nearly_tensors(draw, arrays):
    """The tensors with one of another shape, type or content, or one too few or too many."""
    arrays = dict(arrays)
    name = draw(st.sampled_from(sorted(arrays)))
    array = arrays[name]
    how = draw(st.sampled_from(["type", "shape", "fill", "drop", "more", "nothing", "one"]))
    if how == "type":
        arrays[name] = array.astype(draw(st.sampled_from(TYPES)))
    elif how == "shape":
        arrays[name] = draw(st.sampled_from([array.reshape(-1), array[None], array[:0]]))
    elif how == "fill":
        arrays[name] = np.full_like(array, draw(extremes(array.dtype)))
    elif how == "drop":
        del arrays[name]
    elif how == "more":
        arrays[draw(st.sampled_from(["more", "parts/a/b", "x" * 300]))] = array
    elif how == "one" and array.size:
        changed = array.copy()
        changed.flat[0] = draw(extremes(array.dtype))
        arrays[name] = changed
    return arrays


def checkpoint():
    """A file that `--checkpoint` opens, and names drawn from it."""
    with tempfile.TemporaryDirectory() as folder:
        paths = list(trained(Path(folder)))
        contents = [path.read_bytes() for path in paths]
        trees = [json.loads(read_text(path)) for path in paths]
        tensors = [read_tensors(path) for path in paths]
    pairs = list(zip(tensors, trees, strict=True))
    forged_text = st.sampled_from(pairs).flatmap(
        lambda pair: nearly_tree([pair[1]]).map(lambda tree: as_file(pair[0], json.dumps(tree)))
    )
    forged_tensors = st.sampled_from(pairs).flatmap(
        lambda pair: nearly_tensors(pair[0]).map(lambda new: as_file(new, json.dumps(pair[1])))
    )
    unsealed = st.sampled_from(contents).flatmap(
        lambda content: nearly_tensors(load(content)).map(lambda arrays: save(arrays))
    )
    return Target(
        st.one_of(nearly_bytes(contents), forged_text, forged_tensors, unsealed),
        _open_and_use,
        ("tokgen/training/tensor_file.py", "tokgen/training/metadata.py"),
        (*contents, *_known(*pairs[0])),
    )


def _known(arrays, tree):
    """Files that say something else than tokgen writes, under a true hash."""
    from_file = dict.fromkeys(tree["plugins"], "the file mine.py")
    inner = tree["model"] | {"parts": {"a": tree["model"] | {"parts": 3}}}
    forged = [
        tree | {"format": 99},
        tree | {"plugins": from_file},
        tree | {"plugins": {}},
        tree | {"plugins": []},
        tree | {"metrics": {"stopped_at_step": 3}},
        tree | {"columns": {"colour": ["red"]}},
        tree | {"model": inner},
        tree | {"model": tree["model"] | {"parts": {"a": tree["model"]}}},
        {},
        [],
    ]
    yield from (as_file(arrays, json.dumps(each)) for each in forged)
    yield as_file(arrays, "{")
    yield save(arrays, {"nothing": "known"})
    name = min(arrays)
    yield as_file(arrays | {name: arrays[name].astype(np.uint16)}, json.dumps(tree))
    whole = as_file(arrays, json.dumps(tree))
    yield whole[:-1] + bytes([whole[-1] ^ 1])
    yield from (_with_type(whole, name, *kind) for kind in (("BF16", 2), ("F8_E4M3", 1)))


def _with_type(content, name, kind, width):
    """A file whose bytes of one tensor are said to be numbers of another type."""
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    begin, end = header[name]["data_offsets"]
    header[name] |= {"dtype": kind, "shape": [(end - begin) // width]}
    written = json.dumps(header).encode()
    return len(written).to_bytes(8, "little") + written + data


def _open_and_use(content: bytes, folder: Path) -> None:
    path = folder / "m.safetensors"
    path.write_bytes(content)
    list(read_metadata(path).model.names())
    model = TextModel(Checkpoint.load(path))
    model.next("ba")
    assert len(list(model.generate(3, seed=1))) == 3
    assert len(model.score("bana").tokens) == 5
