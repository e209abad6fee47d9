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

from tokgen.arrays import Arrays, Floats
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.decoder import Decoder, RecomputingDecoder
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.gradient_step import GradientStep
from tokgen.plugin_api.learned import Shape, check_arrays
from tokgen.plugin_api.model import LanguageModel, Parts
from tokgen.plugin_api.prefixes import Prefixes, distinct_prefixes
from tokgen.plugin_api.torch.batches import batches_of
from tokgen.plugin_api.torch.cache import Cache
from tokgen.plugin_api.torch.cached_decoder import CachedDecoder
from tokgen.plugin_api.torch.descent import descend
from tokgen.plugin_api.torch.device import find_device
from tokgen.plugin_api.torch.forward import check_logits
from tokgen.plugin_api.torch.loop import TrainingLoop
from tokgen.plugin_api.torch.module_error import (
    ModuleError,
    building_once,
    check_layers,
    check_reads,
    check_training_options,
)
from tokgen.plugin_api.torch.network_options import NetworkOptions
from tokgen.plugin_api.torch.scoring import document_logprobs
from tokgen.plugin_api.torch.tiles import gives_a_cache, last_logprobs
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.plugin_api.weights import check_weights

Logits = Tensor | tuple[Tensor, Cache]


class TorchModel(LanguageModel, nn.Module):
    """A language model whose probabilities are those of a torch module.

    It is trained in float32 and evaluated in `dtype`, each row on one thread and always the same
    number of rows at once: so equal prefixes give equal bits, unless the module mixes its rows.

    Attributes:
        reads: "context": `forward` maps the last `options.context` ids (B, k) to logits (B, V).
            "sequence": it maps ids (B, T) from the beginning on to the logits (B, T, V) of what
            follows each of them. The row begins with the start id, or else with the terminator.
            Where there is an option `frequency`, a context is drawn with the power `frequency` of
            its count.
        mixes_lengths: whether a training batch of a model that reads sequences has documents of all
            lengths. Batches of like lengths take less time, but some networks learn less from them.
        embedding: the layer of this name, if it is an `nn.Embedding`, is the embedding table.
    """

    Options = NetworkOptions
    batch_invariant = True
    uses_device = True
    goes_on = True
    reads: ClassVar[Literal["context", "sequence"]] = "context"
    mixes_lengths: ClassVar[bool] = False

    def __init__(
        self, options: NetworkOptions, vocabulary: Vocabulary, parts: Parts | None = None
    ) -> None:
        super().__init__(options, vocabulary, parts)
        check_reads(self)
        self._build(seed=0)

    @abstractmethod
    def build(self, options: Any, vocabulary: Vocabulary) -> None:
        """Make the layers as attributes, randomly initialised."""

    @abstractmethod
    def forward(
        self, ids: Tensor, given: Tensor | None = None, cache: Cache | None = None
    ) -> Logits:
        """The logits of the next token; a model that reads sequences may give its cache too.

        A cache is a tuple of tensors, rows first, which stands for all ids before `ids`. A module
        that returns logits alone reads every prefix anew. A model that declares `reads_given` gets
        `given` (B, C). The logit of a start id has no effect: a start id never follows.
        """

    @property
    def context_length(self) -> int | None:  # type: ignore[override]
        """The option `context` of a model that reads contexts; None if it reads sequences."""
        return cast(int, self.options.context) if self.reads == "context" else None

    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Train with AdamW; the weights of the best validation loss are kept.

        Raises:
            RequestError: the device is not there, or the loss is no longer a number.
            ValueError: there is no parameter to train, or one cannot be saved.
            TypeError: `forward` returns something else than it should.
        """
        check_training_options(self)
        device = find_device(run.device)
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            self._build(run.seed)
            if not any(parameter.requires_grad for parameter in self.parameters()):
                raise ValueError("build makes no layer with parameters: there is nothing to train")
            check_arrays(self.learned(), self.arrays())
            if run.begin_with is not None:
                self.take_arrays(dict(run.begin_with))
            self._evaluate_from_now_on()
            check_logits(self)
            self.float().to(device)
            context = self.context_length
            held_out = batches_of(validation, context) if validation is not None else None
            power = getattr(self.options, "frequency", 0.5)
            batches = batches_of(train, context, power, self.mixes_lengths)
            TrainingLoop(self, self.options, batches, held_out, run).until_the_end()

    @classmethod
    def initial(cls, options: Any, vocabulary: Vocabulary, seed: int) -> Self:
        """The model as a training with this seed begins, before its first step."""
        model = cls(options, vocabulary)
        model._build(seed)
        model.prepare()
        return model

    def _build(self, seed: int) -> None:
        """Make the layers, with the random numbers of this seed; torch's own go on as they were."""
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            with building_once(self):
                self.build(self.options, self.vocabulary)
        for name in (*self._modules, *self._parameters, *self._buffers):
            if hasattr(type(self), name):
                raise ModuleError(
                    f"build cannot call a layer {name!r}: every model has that already",
                    type(self).build,
                    f"self.{name}",
                )
        check_layers(self)

    def prepare(self) -> None:
        """Evaluate from now on, in `dtype`."""
        self._evaluate_from_now_on()

    def _evaluate_from_now_on(self) -> None:
        self.to(getattr(torch, np.dtype(self.dtype).name)).cpu().eval()
        self._keeps_cache = gives_a_cache(self)

    def gradient_step(self, prefix: Prefixes, target: int, rate: float) -> GradientStep:
        """A step of plain gradient descent in `dtype`, without dropout, on a copy."""
        stepped = type(self).from_arrays(self.options, self.vocabulary, self.arrays(), self.parts)
        gradient = descend(stepped, prefix, target, rate)
        arrays = stepped.arrays()
        again = type(self).from_arrays(self.options, self.vocabulary, arrays, self.parts)
        return GradientStep(gradient, again)

    def learned(self) -> Mapping[str, Shape]:
        """The module's parameters and buffers."""
        return {name: tuple(tensor.shape) for name, tensor in self.state_dict().items()}

    def arrays(self) -> Arrays:
        """The module's parameters and buffers; numbers with a fraction in float32."""
        tensors = self.state_dict().items()
        return {
            name: (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy().copy()
            for name, tensor in tensors
        }

    def take_arrays(self, arrays: Arrays) -> None:
        """Become the module with these parameters and buffers."""
        floating = {name for name, own in self.state_dict().items() if own.is_floating_point()}
        check_weights({name: arrays[name] for name in arrays if name in floating})
        self.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})

    def freeze(self) -> None:
        """Evaluation never writes into parameters, so there is nothing to make read-only."""

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V), evaluated in `dtype`."""
        if self._keeps_cache:
            return CachedDecoder(self, prefixes).logprobs()
        distinct, rows = distinct_prefixes(prefixes.last(self.context_length))
        return last_logprobs(self, distinct)[rows]

    def decoder(self, prefixes: Prefixes) -> Decoder:
        """A decoder that keeps the module's cache, where its `forward` gives one."""
        if self._keeps_cache:
            return CachedDecoder(self, prefixes)
        return RecomputingDecoder(self, prefixes)

    def token_logprobs(self, documents: Prefixes) -> Floats | None:
        """Log-probability (B, T) of each id of whole documents, all positions at once, nats."""
        return None if self.reads == "context" else document_logprobs(self, documents)

    def embedding_table(self) -> Floats | None:
        """The weight of the layer `embedding`, where there is one."""
        layer = getattr(self, "embedding", None)
        if not isinstance(layer, nn.Embedding):
            return None
        return layer.weight.detach().cpu().numpy().astype(np.float64)
