"""A model written to a file and read in a new process, as a checkpoint is.

`in_new_process` starts the process; `main` is what runs there.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tokgen import registry
from tokgen.arrays import Arrays, Floats
from tokgen.guards.blame import blamed
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import parse_options
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.testing.fresh_process import printed_by, started, why_it_failed
from tokgen.training.checkpoint import vocabulary_for
from tokgen.training.metadata import ModelRecord, record
from tokgen.training.tensor_file import as_file, read_tensors, read_text
from tokgen.training.tensor_names import PartPath, all_arrays, arrays_by_model

PROGRAM = "from tokgen.testing.models.saved_model import main; main()"
MODEL, AGAIN, PREFIXES, ROWS = "model.safetensors", "again.safetensors", "in.npz", "rows.npy"


@dataclass(frozen=True, eq=False)
class Reloaded:
    """What became of a model in a new process.

    Attributes:
        failure: how the process failed; None where it did not.
        arrays: what the model says there that it learnt, by the names in a file.
        rows: what it gives there for the prefixes (B, V).
    """

    failure: str | None
    arrays: Arrays
    rows: Floats


def in_new_process(
    plugin: registry.FoundPlugin, model: LanguageModel, prefixes: Prefixes
) -> Reloaded:
    """Save the model of this plugin, and load it and ask it for these rows in a new process."""
    with tempfile.TemporaryDirectory(prefix="tokgen-") as place:
        folder = Path(place)
        _write(folder / MODEL, plugin.name, model)
        np.savez(
            folder / PREFIXES, ids=prefixes.ids, lengths=prefixes.lengths, given=prefixes.given
        )
        first = ["torch"] if _is_of_torch(model) else []
        with blamed(plugin, "what reads it in a fresh process"):
            process = started(PROGRAM, [place, *registry.added_files()], imported=first)
            _, told = printed_by(process)
        if process.returncode:
            return Reloaded(why_it_failed(process, told), {}, np.empty((0, 0)))
        return Reloaded(None, read_tensors(folder / AGAIN), np.load(folder / ROWS))


def _is_of_torch(model: LanguageModel) -> bool:
    return any(each.__module__.partition(".")[0] == "torch" for each in type(model).__mro__)


def main() -> None:
    """Read the model in the folder that the command line names; write what it is and gives.

    The files that follow are those with plugins that had been added to the process that asks.
    """
    folder, added = Path(sys.argv[1]), sys.argv[2:]
    for file in added:
        registry.add_file(file)
    tree = json.loads(read_text(folder / MODEL))
    symbols, terminator, start, columns = tree["vocabulary"]
    vocabulary = Vocabulary(tuple(symbols), terminator, start).with_columns(columns)
    found = arrays_by_model(read_tensors(folder / MODEL))
    model = _built(ModelRecord.model_validate(tree["model"]), vocabulary, found, ())
    (folder / AGAIN).write_bytes(as_file(all_arrays(model), "{}"))
    told = np.load(folder / PREFIXES)
    # The author's own method, since a guard would refuse what another clause is about.
    ask: Any = type(model).implementation.next_logprobs  # type: ignore[attr-defined]
    np.save(folder / ROWS, ask(model, Prefixes(told["ids"], told["lengths"], told["given"])))


def _write(path: Path, name: str, model: LanguageModel) -> None:
    vocabulary = model.vocabulary
    columns = {column: list(values) for column, values in vocabulary.columns.items()}
    tree = {
        "model": record(name, model).model_dump(mode="json"),
        "vocabulary": [vocabulary.symbols, vocabulary.terminator_id, vocabulary.start_id, columns],
    }
    path.write_bytes(as_file(all_arrays(model), json.dumps(tree)))


def _built(
    node: ModelRecord, vocabulary: Vocabulary, found: dict[PartPath, Arrays], path: PartPath
) -> LanguageModel:
    model_class = registry.load_model(node.name)
    own = vocabulary_for(model_class, vocabulary)
    parts = {part: _built(inner, own, found, (*path, part)) for part, inner in node.parts.items()}
    options = parse_options(model_class.Options, node.options, f"The model {node.name!r}")
    model: LanguageModel = model_class.from_arrays(options, own, found.get(path, {}), parts)
    return model
