"""MLP: embedding table, concatenation, hidden layers, softmax (Bengio et al. 2003).

    context (k ids) -> k rows of the embedding table -> one vector of k*K numbers
                    -> hidden layers -> V logits -> softmax

Trained with torch (`mlp_network`), read and sampled here in numpy: no torch is imported to use it.
Unlike the paper's, there are no direct connections from the embeddings to the output.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from tokgen.plugin_api import (
    Explanation,
    Field,
    Floats,
    NetworkModel,
    NetworkOptions,
    Prefixes,
    normalised,
)

if TYPE_CHECKING:
    from tokgen.plugin_api import TorchModel

Activation = Literal["tanh", "relu", "gelu"]


def gelu(inputs: Floats) -> Floats:
    """The Gaussian error linear unit in its tanh form (Hendrycks & Gimpel 2016, section 2)."""
    # In place: a fresh array for each operation would take five times as long.
    inner = inputs * inputs
    inner *= 0.044715 * math.sqrt(2 / math.pi)
    inner += math.sqrt(2 / math.pi)
    inner *= inputs
    np.tanh(inner, out=inner)
    inner += 1
    inner *= inputs
    inner *= 0.5
    return inner


def relu(inputs: Floats) -> Floats:
    """The positive part."""
    return np.maximum(inputs, 0.0)


ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {"tanh": np.tanh, "relu": relu, "gelu": gelu}


class MLP(NetworkModel):
    """Next token from the last `context` ones; left of the beginning stands the terminator."""

    tokgen_api = 1

    class Options(NetworkOptions):
        """Options of `mlp`."""

        context: int = Field(default=3, ge=1, le=64, description="tokens that the model sees (k)")
        embedding: int = Field(default=48, ge=1, description="width of the embedding table (K)")
        hidden: int = Field(default=512, ge=1, description="units of each hidden layer")
        layers: int = Field(default=1, ge=1, le=8, description="hidden layers")
        activation: Activation = Field(default="gelu", description="tanh, relu or gelu")
        dropout: float = Field(default=0.6, ge=0, lt=1, description="of hidden units, in training")

    options: Options

    @property
    def context_length(self) -> int:  # type: ignore[override]
        """The option `context`."""
        return self.options.context

    @classmethod
    def torch_model(cls) -> type[TorchModel]:
        """The same network in torch."""
        from tokgen_models.mlp_network import TorchMLP

        return TorchMLP

    def learned(self) -> dict[str, tuple[int, ...]]:
        """Weights by torch's names: `embedding.weight` (V, K), `hidden.0.weight` (H, k*K)."""
        options, size = self.options, self.vocabulary.size
        expected: dict[str, tuple[int, ...]] = {"embedding.weight": (size, options.embedding)}
        width = options.context * options.embedding
        for layer in range(options.layers):
            expected[f"hidden.{layer}.weight"] = (options.hidden, width)
            expected[f"hidden.{layer}.bias"] = (options.hidden,)
            width = options.hidden
        return {**expected, "output.weight": (size, width), "output.bias": (size,)}

    def prepare(self) -> None:
        """Compute in float64, the first layer by look-up."""
        self._weights = {name: array.astype(np.float64) for name, array in self.weights.items()}
        self._shares = self._shares_of_first_layer()

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V)."""
        contexts = prefixes.padded(self.options.context, self.vocabulary.terminator_id)  # (B, k)
        inputs = self._shares[0][contexts[:, 0]]  # (B, H)
        for place in range(1, self.options.context):
            inputs += self._shares[place][contexts[:, place]]
        activations = self._activate(inputs)  # (B, H)
        for layer in range(1, self.options.layers):
            activations = self._activate(self._linear(f"hidden.{layer}", activations))  # (B, H)
        return normalised(self._linear("output", activations))  # (B, V)

    def _shares_of_first_layer(self) -> Floats:
        """What each token adds to the first hidden layer at each place of the context (k, V, H).

        A matrix times a concatenation is a sum over its parts, and each part is one of V rows: so
        the products are made once, and looked up. The bias is the first place's.
        """
        options, embedding = self.options, self._weights["embedding.weight"]
        weight = self._weights["hidden.0.weight"]  # (H, k*K)
        places = weight.reshape(options.hidden, options.context, options.embedding)
        shares: Floats = embedding @ places.transpose(1, 2, 0)  # (V, K) @ (k, K, H)
        shares[0] += self._weights["hidden.0.bias"]
        return shares

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """Rows of the embedding table, their concatenation, hidden layers, logits, softmax."""
        contexts = prefixes.padded(self.options.context, self.vocabulary.terminator_id)[:1]
        symbols = self.vocabulary.symbols
        seen = tuple(symbols[token] for token in contexts[0])
        looked_up = self._weights["embedding.weight"][contexts]
        activations = looked_up.reshape(1, -1)
        steps = [
            Explanation("rows of the embedding table", looked_up[0], seen),
            Explanation("concatenated", activations[0]),
        ]
        for layer in range(self.options.layers):
            activations = self._activate(self._linear(f"hidden.{layer}", activations))
            steps.append(Explanation(f"hidden layer {layer + 1}", activations[0]))
        logits = self._linear("output", activations)[0]
        steps.append(Explanation("logits", logits, symbols))
        steps.append(Explanation("softmax", np.exp(normalised(logits)), symbols))
        return steps

    def _linear(self, name: str, inputs: Floats) -> Floats:
        outputs: Floats = inputs @ self._weights[f"{name}.weight"].T
        outputs += self._weights[f"{name}.bias"]
        return outputs

    def _activate(self, inputs: Floats) -> Floats:
        return ACTIVATIONS[self.options.activation](inputs)
