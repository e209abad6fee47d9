"""tokgen: see a language model choose its next token, train your own, extend every part.

`tokgen.load("indian-names")` gives a `TextModel` with `generate`, `next` and `score`. What plugin
authors subclass stands in `tokgen.tokenizer`, `tokgen.model`, `tokgen.torch_model` and
`tokgen.sampler`; a corpus is a package of data with a card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokgen.text_model.text_model import TextModel

__version__ = "0.1.0"

__all__ = ["__version__", "load"]


def load(
    corpus: str = "indian-names", model: str | None = None, checkpoint: str | None = None
) -> TextModel:
    """The fitted model for a corpus plugin or text file; trained now where there is none yet.

    Args:
        corpus: name of a corpus plugin, or path of a UTF-8 text file with one document a line.
        model: name of a model plugin; by default the one that the corpus' card names.
        checkpoint: a checkpoint file, or "shipped" for the one that came with the corpus.

    Raises:
        RequestError: a name or file is wrong.
        PluginError: a plugin fails.
    """
    from tokgen.text_model.text_model import TextModel
    from tokgen.training.model_store import Request, choose

    return TextModel(choose(Request(corpus, model, checkpoint=checkpoint)).checkpoint)
