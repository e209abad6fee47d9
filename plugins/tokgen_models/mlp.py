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
    Ints,
    NetworkModel,
    NetworkOptions,
    Prefixes,
    RowProduct,
    in_parts,
    normalised,
)

if TYPE_CHECKING:
    from tokgen.plugin_api import TorchModel

EVALUATED_AT_ONCE = 512

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
    """A feed-forward network: it sees a fixed number of last tokens, set by the option `context`.

    Left of the beginning of a document it sees the terminator.
    """

    batch_invariant = True
    reads_given = True

    class Options(NetworkOptions):
        """Options of `mlp`."""

        changeable = ("dropout", "frequency")

        context: int = Field(default=3, ge=1, le=64, description="tokens that the model sees (k)")
        embedding: int = Field(default=48, ge=1, description="width of the embedding table (K)")
        hidden: int = Field(default=512, ge=1, description="units of each hidden layer")
        layers: int = Field(default=1, ge=1, le=8, description="hidden layers")
        activation: Activation = Field(
            default="gelu", description="function of the hidden units: tanh, relu or gelu"
        )
        dropout: float = Field(
            default=0.6,
            ge=0,
            lt=1,
            description="share of hidden units that are left out in training",
        )
        frequency: float = Field(
            default=0.5,
            ge=0,
            le=1,
            description="training draws a context with this power of its count; 0 draws all alike",
        )

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
        for column, values in enumerate(self.vocabulary.columns.values()):
            expected[f"given.{column}.weight"] = (len(values) + 1, options.embedding)
        return {**expected, "output.weight": (size, width), "output.bias": (size,)}

    def prepare(self) -> None:
        """Compute in float64, the first layer by look-up; a start id never follows."""
        self._weights = {name: array.astype(np.float64) for name, array in self.weights.items()}
        self._weights["output.bias"][~self.vocabulary.can_follow] = -np.inf
        # On one thread: how BLAS parts a product among threads can change its last bits.
        in_parts(self._look_up_first_layer, 1, 1, lambda: None)
        linear = [f"hidden.{layer}" for layer in range(1, self.options.layers)] + ["output"]
        self._products = {name: RowProduct(self._weights[f"{name}.weight"].T) for name in linear}

    def _look_up_first_layer(self, part: slice, room: None) -> None:
        """What each token adds to the first hidden layer at each place of the context (k, V, H).

        A matrix times a concatenation is a sum over its parts, and each part is one of V rows: so
        the products are made once, and looked up. The bias is the first place's. What is given is
        added to the embedding at each place alike.
        """
        places = self._places()
        self._shares = self._weights["embedding.weight"] @ places.transpose(1, 2, 0)
        self._shares[0] += self._weights["hidden.0.bias"]
        of_all_places = places.sum(axis=1).T  # (K, H)
        self._told = [
            self._weights[f"given.{column}.weight"] @ of_all_places
            for column in range(len(self.vocabulary.columns))
        ]

    def _places(self) -> Floats:
        """The first hidden layer's weight by place (H, k, K)."""
        options, weight = self.options, self._weights["hidden.0.weight"]  # (H, k*K)
        return weight.reshape(options.hidden, options.context, options.embedding)

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V)."""
        contexts = self._contexts(prefixes)
        logprobs = np.empty((len(contexts), self.vocabulary.size))

        def evaluate(part: slice, room: None) -> None:
            hidden = self._hidden_layers(contexts[part], prefixes.given[part])[-1]
            logits = self._linear("output", hidden)
            logprobs[part] = normalised(logits)

        in_parts(evaluate, len(contexts), EVALUATED_AT_ONCE, lambda: None)
        return logprobs

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """Rows of the embedding table, their concatenation, hidden layers, logits, softmax."""
        contexts = self._contexts(prefixes)[:1]
        symbols = self.vocabulary.symbols
        looked_up = self._weights["embedding.weight"][contexts[0]]  # (k, K)
        hidden = self._hidden_layers(contexts, prefixes.given[:1])
        logits = self._linear("output", hidden[-1])[0]
        activation = self.options.activation
        shapes = [self._shape(f"hidden.{layer}") for layer in range(self.options.layers)]
        return [
            Explanation(
                "rows of the embedding table",
                looked_up,
                tuple(symbols[token] for token in contexts[0]),
            ),
            Explanation("concatenated", looked_up.reshape(-1)),
            *(
                Explanation(f"hidden layer {number}: {activation}(W x + b), W {shape}", layer[0])
                for number, (layer, shape) in enumerate(zip(hidden, shapes, strict=True), start=1)
            ),
            Explanation(f"logits: W x + b, W {self._shape('output')}", logits, symbols),
            Explanation("softmax", np.exp(normalised(logits)), symbols),
        ]

    def _shape(self, name: str) -> str:
        """`27 × 512`: the shape of the weight of this name."""
        return " × ".join(map(str, self._weights[f"{name}.weight"].shape))

    def _contexts(self, prefixes: Prefixes) -> Ints:
        """The last ids (B, k) of each prefix, the terminator left of its beginning."""
        return prefixes.padded(self.options.context, self.vocabulary.terminator_id)

    def _hidden_layers(self, contexts: Ints, given: Ints) -> list[Floats]:
        """The activations (B, H) of each hidden layer."""
        inputs = self._shares[0][contexts[:, 0]]  # (B, H)
        for place in range(1, self.options.context):
            inputs += self._shares[place][contexts[:, place]]
        for table, values in zip(self._told, given.T, strict=True):
            inputs += table[values]
        layers = [self._activate(inputs)]
        for layer in range(1, self.options.layers):
            layers.append(self._activate(self._linear(f"hidden.{layer}", layers[-1])))
        return layers

    def _linear(self, name: str, inputs: Floats) -> Floats:
        outputs = self._products[name](inputs)
        outputs += self._weights[f"{name}.bias"]
        return outputs

    def _activate(self, inputs: Floats) -> Floats:
        return ACTIVATIONS[self.options.activation](inputs)
