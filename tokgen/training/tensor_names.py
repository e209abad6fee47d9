"""Names of tensors in a file: which model inside which learnt it, then its name there.

`mlp/embedding.weight` is the tensor `embedding.weight` of the part `mlp`. A `/` or `%` inside a
name is written as in an URL, so that each name is read as it was meant.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict

from tokgen.arrays import Arrays
from tokgen.plugin_api.model import LanguageModel

PartPath = tuple[str, ...]


def all_arrays(model: LanguageModel, path: PartPath = ()) -> Arrays:
    """What a model and its parts have learnt, by the names in a file."""
    arrays = {
        "/".join(map(_escaped, (*path, name))): array for name, array in model.arrays().items()
    }
    for part, inner in model.parts.items():
        arrays |= all_arrays(inner, (*path, part))
    return arrays


def fingerprint(model: LanguageModel) -> str:
    """What tells a model from one that has learnt anything else."""
    digest = hashlib.sha256()
    for name, array in sorted(all_arrays(model).items()):
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def arrays_by_model(arrays: Arrays) -> dict[PartPath, Arrays]:
    """The arrays of a file, of each model by itself: its path of parts -> name there -> array."""
    found: dict[PartPath, Arrays] = defaultdict(dict)
    for written, array in arrays.items():
        *path, name = map(_unescaped, written.split("/"))
        found[tuple(path)][name] = array
    return found


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2F")


def _unescaped(name: str) -> str:
    return name.replace("%2F", "/").replace("%25", "%")
