"""tokgen: see a language model choose its next token, train your own, extend every part.

```python
import tokgen

model = tokgen.load("indian-names")  # or a path, or checkpoint="names.safetensors"
model = tokgen.train(["apple", "plum", "cherry"] * 20, model="gru")  # one of your own
model.save("fruit.safetensors")
```

What a `TextModel` answers, by the names of the command line:

- `next(prefix)`: the distribution over the next token; `explain`: how the model comes to it;
  `tree`: what may follow, and what may follow that; `steps`: one document as it is drawn.
- `generate(count)`: documents, under samplers and conditions; `top`: the most probable ones.
- `score(text)`: how probable a text is; `loss`: the loss of a text, token by token; `step`: what
  one step of training changes; `classify`: the values of columns, by a model that is told them.
- `analyze()`: exact figures; `embeddings()`: the table in which the model looks symbols up.

Results are frozen and hold ids, symbols and log-probabilities in nats. `print` and a notebook show
them as tables, and some have a method `plot`. A wrong argument raises `RequestError`, a
`ValueError`, with the sentence of the command line; a plugin that fails raises `PluginError`.

Authors of plugins subclass `Tokenizer`, `LanguageModel`, `NetworkModel`, `TorchModel` or `Sampler`;
all that a plugin may import is in `tokgen.plugin_api`. A corpus is a package of data with a card.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

# Where other programs want the cores too, threads that spin while they wait for each other
# make a training many times slower; this long is enough where they have the cores for them.
# torch reads it when it is imported, so that whoever imports tokgen first trains like this.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")

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
    from tokgen.text_model.classification import Classified
    from tokgen.text_model.cross_entropy import CrossEntropy
    from tokgen.text_model.embedding_space import EmbeddingSpace
    from tokgen.text_model.explained import Explained
    from tokgen.text_model.gradient_step import TakenStep
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
    "Classified": "tokgen.text_model.classification",
    "CrossEntropy": "tokgen.text_model.cross_entropy",
    "Explained": "tokgen.text_model.explained",
    "TakenStep": "tokgen.text_model.gradient_step",
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
    "Classified",
    "Conditions",
    "CrossEntropy",
    "Decoder",
    "Drawn",
    "EmbeddingSpace",
    "Explained",
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
    "TakenStep",
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
