"""MLP: embedding table, concatenation, hidden layers, softmax (Bengio et al. 2003).

    context (k ids) -> k rows of the embedding table -> one vector of k*K numbers
                    -> hidden layers -> V logits -> softmax

Trained with torch (`mlp_network`), read and sampled here in numpy: no torch is imported to use it.
Unlike the paper's, there are no direct connections from the embeddings to the output.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np

from tokgen.plugin_api import (
    Arrays,
    Dataset,
    Explanation,
    Field,
    FitRun,
    Floats,
    LanguageModel,
    NetworkOptions,
    Prefixes,
    Vocabulary,
    normalised,
)

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


class MLP(LanguageModel):
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

    def __init__(self, options: Options, vocabulary: Vocabulary, arrays: Arrays) -> None:
        super().__init__(options, vocabulary)
        self.context_length = options.context
        self._arrays = arrays
        self._weights = {name: array.astype(np.float64) for name, array in arrays.items()}
        self._shares = self._shares_of_first_layer()

    @classmethod
    def fit(
        cls,
        options: Options,
        vocabulary: Vocabulary,
        train: Dataset,
        validation: Dataset | None,
        run: FitRun,
    ) -> Self:
        """Train the same network in torch and take over its weights."""
        from tokgen_models.mlp_network import TorchMLP

        trained = TorchMLP.fit(options, vocabulary, train, validation, run)
        return cls.from_arrays(options, vocabulary, trained.arrays())

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

    def explain(self, prefixes: Prefixes, symbols: Sequence[str]) -> list[Explanation]:
        """Rows of the embedding table, their concatenation, hidden layers, logits, softmax."""
        contexts = prefixes.padded(self.options.context, self.vocabulary.terminator_id)[:1]
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
        steps.append(Explanation("logits", logits, tuple(symbols)))
        steps.append(Explanation("softmax", np.exp(normalised(logits)), tuple(symbols)))
        return steps

    def _linear(self, name: str, inputs: Floats) -> Floats:
        outputs: Floats = inputs @ self._weights[f"{name}.weight"].T
        outputs += self._weights[f"{name}.bias"]
        return outputs

    def _activate(self, inputs: Floats) -> Floats:
        return ACTIVATIONS[self.options.activation](inputs)

    def arrays(self) -> Arrays:
        """Weights by torch's names: `embedding.weight` (V, K), `hidden.0.weight` (H, k*K)."""
        return self._arrays

    def initial_arrays(self, seed: int) -> Arrays:
        """The random weights that a training with this seed begins with."""
        from tokgen_models.mlp_network import TorchMLP

        return TorchMLP.initial(self.options, self.vocabulary, seed).arrays()

    @classmethod
    def from_arrays(cls, options: Any, vocabulary: Vocabulary, arrays: Arrays) -> Self:
        """The network with these weights.

        Raises:
            ValueError: a tensor is missing, unknown, of another shape or not of numbers.
        """
        expected = shapes(options, vocabulary)
        given = {name: array.shape for name, array in arrays.items()}
        if given != expected:
            raise ValueError(f"tensors {given} where the options ask for {expected}")
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise ValueError("a weight is not a finite number")
        return cls(options, vocabulary, arrays)


def shapes(options: MLP.Options, vocabulary: Vocabulary) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor of the network."""
    expected: dict[str, tuple[int, ...]] = {
        "embedding.weight": (vocabulary.size, options.embedding)
    }
    width = options.context * options.embedding
    for layer in range(options.layers):
        expected[f"hidden.{layer}.weight"] = (options.hidden, width)
        expected[f"hidden.{layer}.bias"] = (options.hidden,)
        width = options.hidden
    expected["output.weight"] = (vocabulary.size, width)
    expected["output.bias"] = (vocabulary.size,)
    return expected
