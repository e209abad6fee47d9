"""Loading a model as a library does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tokgen import registry
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_store import ModelRequest, choose


def load(
    corpus: str | None = None,
    model: str | None = None,
    checkpoint: str | None = None,
    plugins: Iterable[str | Path] = (),
    given: Mapping[str, str] | None = None,
) -> TextModel:
    """The fitted model for a corpus plugin or text file; trained now where there is none yet.

    Args:
        corpus: name of a corpus plugin, or path of a UTF-8 text file with one document a line; the
            names by default. Beside a checkpoint it is what the model speaks of, by default the
            corpus that it was trained on.
        model: name of a model plugin; by default the one that the corpus' card names.
        checkpoint: a checkpoint file, or "shipped" for the one that came with the corpus.
        plugins: Python files whose plugins are used too, for the rest of the process.
        given: column -> value, what the model is told; without `model` and `checkpoint` it is the
            model that the corpus' card names for it.

    Raises:
        RequestError: a name or file is wrong.
        PluginError: a plugin fails.
    """
    for file in plugins:
        registry.add_file(file)
    request = ModelRequest(corpus, model, checkpoint=checkpoint, given=given)
    chosen = choose(request)
    return TextModel(chosen.checkpoint, chosen.corpus, given)
