"""tokgen: see a language model choose its next token, train your own, extend every part.

`tokgen.load("indian-names")` gives a `TextModel` with `generate`, `next`, `score`, `top`, `tree`,
`steps`, `analyze` and `embeddings`; `tokgen.train(texts)` makes one of your own. Authors of
plugins subclass `Tokenizer`, `LanguageModel`, `TorchModel` and `Sampler`; all that a plugin may
import is in `tokgen.plugin_api`. A corpus is a package of data with a card.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokgen.errors import PluginError, RequestError, TokgenError
    from tokgen.exact.conditions import Conditions
    from tokgen.generation.sampler_syntax import sampler
    from tokgen.plugin_api import (
        Decoder,
        Explanation,
        History,
        LanguageModel,
        NetworkModel,
        NetworkOptions,
        PluginOptions,
        Prefixes,
        Sampler,
        SamplingContext,
        Tokenizer,
        TorchModel,
        Vocabulary,
    )
    from tokgen.text_model.embedding_space import EmbeddingSpace
    from tokgen.text_model.loading import load, train
    from tokgen.text_model.plots.losses import plot_losses
    from tokgen.text_model.results import Drawn, Generated, NextToken, Ranked, Score
    from tokgen.text_model.steps import Step
    from tokgen.text_model.text_model import TextModel
    from tokgen.text_model.tree import TreeNode

__version__ = "0.1.0"

# Where each public name is defined. It is imported when it is first asked for.
_DEFINED_IN = {
    **dict.fromkeys(("load", "train"), "tokgen.text_model.loading"),
    "TextModel": "tokgen.text_model.text_model",
    "Conditions": "tokgen.exact.conditions",
    "sampler": "tokgen.generation.sampler_syntax",
    "Step": "tokgen.text_model.steps",
    "TreeNode": "tokgen.text_model.tree",
    "EmbeddingSpace": "tokgen.text_model.embedding_space",
    "plot_losses": "tokgen.text_model.plots.losses",
    **dict.fromkeys(
        ("Drawn", "Generated", "NextToken", "Ranked", "Score"), "tokgen.text_model.results"
    ),
    **dict.fromkeys(("PluginError", "RequestError", "TokgenError"), "tokgen.errors"),
    **dict.fromkeys(
        (
            "Decoder",
            "Explanation",
            "History",
            "LanguageModel",
            "NetworkModel",
            "NetworkOptions",
            "PluginOptions",
            "Prefixes",
            "Sampler",
            "SamplingContext",
            "Tokenizer",
            "TorchModel",
            "Vocabulary",
        ),
        "tokgen.plugin_api",
    ),
}

__all__ = [
    "Conditions",
    "Decoder",
    "Drawn",
    "EmbeddingSpace",
    "Explanation",
    "Generated",
    "History",
    "LanguageModel",
    "NetworkModel",
    "NetworkOptions",
    "NextToken",
    "PluginError",
    "PluginOptions",
    "Prefixes",
    "Ranked",
    "RequestError",
    "Sampler",
    "SamplingContext",
    "Score",
    "Step",
    "TextModel",
    "Tokenizer",
    "TokgenError",
    "TorchModel",
    "TreeNode",
    "Vocabulary",
    "__version__",
    "load",
    "plot_losses",
    "sampler",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _DEFINED_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_DEFINED_IN[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
