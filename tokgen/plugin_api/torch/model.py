"""TorchModel: a torch module from ids to logits as a LanguageModel.

An author writes `build`, which makes the layers, and `forward`. Training, early stopping, saving,
scoring and a decoder that keeps the module's cache come from here. This folder is the core's only
importer of torch; the training loop is in `loop`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tokgen.arrays import Arrays, Floats
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.model import Decoder, LanguageModel, Parts, RecomputingDecoder, Shape
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.tokenizer import Vocabulary
from tokgen.plugin_api.torch.batches import batches_of, left_aligned
from tokgen.plugin_api.torch.cached_decoder import Cache, CachedDecoder
from tokgen.plugin_api.torch.loop import TrainingLoop, find_device
from tokgen.plugin_api.torch.network_options import NetworkOptions

Logits = Tensor | tuple[Tensor, Cache]


class TorchModel(LanguageModel, nn.Module):
    """A language model whose probabilities are those of a torch module.

    Attributes:
        reads: "context": `forward` maps the last `options.context` ids (B, k) to logits (B, V).
            "sequence": it maps ids (B, T) from the beginning on to the logits (B, T, V) of what
            follows each of them. The row begins with the start id, or else with the terminator.
    """

    Options = NetworkOptions
    reads: ClassVar[Literal["context", "sequence"]] = "context"

    def __init__(
        self, options: NetworkOptions, vocabulary: Vocabulary, parts: Parts | None = None
    ) -> None:
        super().__init__(options, vocabulary, parts)
        self.build(options, vocabulary)

    @abstractmethod
    def build(self, options: Any, vocabulary: Vocabulary) -> None:
        """Make the layers as attributes, randomly initialised."""

    @abstractmethod
    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> Logits:
        """Logits of what follows, and in a model that reads sequences the cache to go on from.

        A cache is a tuple of tensors, rows first, which stands for all ids before `ids`. A module
        that returns logits alone reads every prefix anew. `given` (B, C) comes to a model that
        declares `reads_given`.
        """

    @property
    def context_length(self) -> int | None:  # type: ignore[override]
        """The option `context` of a model that reads contexts; None where it reads sequences."""
        return cast(int, self.options.context) if self.reads == "context" else None

    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Train with AdamW; the weights of the best validation loss are kept.

        Raises:
            RequestError: the device is not there, or the loss is no longer a number.
            ValueError: there is no parameter to train.
        """
        device = find_device(run.device)
        torch.manual_seed(run.seed)
        self.build(self.options, self.vocabulary)
        if not any(parameter.requires_grad for parameter in self.parameters()):
            raise ValueError("build makes no layer with parameters, so there is nothing to train")
        self.float().to(device)
        context = self.context_length
        held_out = batches_of(validation, context) if validation is not None else None
        batches = batches_of(train, context)
        TrainingLoop(self, self.options, batches, held_out, run).until_the_end()

    @classmethod
    def initial(cls, options: Any, vocabulary: Vocabulary, seed: int) -> Self:
        """The model as a training with this seed begins, before its first step."""
        torch.manual_seed(seed)
        model = cls(options, vocabulary)
        model.prepare()
        return model

    def prepare(self) -> None:
        """Evaluate from now on, in float64: the shape of a batch then hardly tips a draw."""
        self.double().cpu().eval()

    def learned(self) -> Mapping[str, Shape]:
        """The module's parameters and buffers."""
        return {name: tuple(tensor.shape) for name, tensor in self.state_dict().items()}

    def arrays(self) -> Arrays:
        """The module's parameters and buffers; numbers with a fraction in float32."""
        tensors = self.state_dict().items()
        return {
            name: (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()
            for name, tensor in tensors
        }

    def take_arrays(self, arrays: Arrays) -> None:
        """Become the module with these parameters and buffers."""
        self.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})

    def freeze(self) -> None:
        """Evaluation never writes into parameters, so there is nothing to make read-only."""

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V), evaluated in float64."""
        if self.reads == "context":
            return self._evaluated(self._inputs(prefixes, self.options.context), prefixes)[0]
        logprobs = np.empty((len(prefixes), self.vocabulary.size), self.dtype)
        for length in np.unique(prefixes.lengths):
            rows = np.flatnonzero(prefixes.lengths == length)
            here = prefixes.select(rows)
            logprobs[rows] = self._evaluated(self._inputs(here, int(length)), here)[0][:, -1]
        return logprobs

    def decoder(self, prefixes: Prefixes) -> Decoder:
        """A decoder that keeps the module's cache, where its `forward` gives one."""
        if self.reads == "sequence":
            first = np.array([[self.vocabulary.id_before_first]])
            nothing = np.array([self.vocabulary.nothing_given], np.int64)
            if self.evaluated(first, nothing)[1] is not None:
                return CachedDecoder(self, prefixes)
        return RecomputingDecoder(self, prefixes)

    def token_logprobs(self, documents: Prefixes) -> Floats | None:
        """Log-probability (B, T) of each id of whole documents, all positions at once, nats."""
        if self.reads == "context":
            return None
        targets, real = left_aligned(documents)
        inputs = np.roll(targets, 1, axis=1)
        inputs[:, 0] = self.vocabulary.id_before_first
        rows, _ = self._evaluated(inputs, documents)
        chosen = np.take_along_axis(rows, targets[:, :, None], axis=2)[:, :, 0]
        aligned = np.zeros_like(chosen)
        aligned[np.arange(targets.shape[1]) >= targets.shape[1] - documents.lengths[:, None]] = (
            chosen[real]
        )
        return aligned

    def embedding_table(self) -> Floats | None:
        """The weight of the module `embedding`, where there is one."""
        module = getattr(self, "embedding", None)
        return module.weight.detach().numpy() if isinstance(module, nn.Embedding) else None

    def evaluated(
        self, ids: Floats | Any, given: Any, cache: Cache | None = None
    ) -> tuple[Floats, Cache | None]:
        """Log-probabilities (B, V) or (B, T, V) of what follows ids, and the cache after them."""
        told = {"given": torch.tensor(given)} if self.reads_given else {}
        if cache is not None:
            told["cache"] = cache  # type: ignore[assignment]
        with torch.inference_mode():
            made = self(torch.tensor(ids), **told)
            logits, after = made if isinstance(made, tuple) else (made, None)
            rows = functional.log_softmax(logits, dim=-1).numpy()
        return rows.astype(self.dtype, copy=False), after

    def _evaluated(self, inputs: Any, prefixes: Prefixes) -> tuple[Floats, Cache | None]:
        return self.evaluated(inputs, prefixes.given)

    def _inputs(self, prefixes: Prefixes, width: int) -> Any:
        """The last `width` ids (B, width), begun as the module expects it."""
        begun = self.vocabulary.start_id is not None or self.reads == "context"
        return prefixes.padded(width if begun else width + 1, self.vocabulary.terminator_id)
