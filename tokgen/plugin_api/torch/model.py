"""TorchModel: any nn.Module as a LanguageModel. This package is the core's only importer of torch.

An author writes `build`: a module from ids to logits. With a context length k it maps contexts
(B, k) to logits (B, V); without one it maps ids (B, T) that begin with the terminator to the
logits (B, T, V) of what follows each position. The training loop is in `loop`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self, cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tokgen.arrays import Arrays, Floats
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.tokenizer import Vocabulary
from tokgen.plugin_api.torch.batches import batches_of
from tokgen.plugin_api.torch.loop import TrainingLoop, find_device
from tokgen.plugin_api.torch.network_options import NetworkOptions


class TorchModel(LanguageModel):
    """A language model whose probabilities are those of a torch module."""

    Options = NetworkOptions

    def __init__(self, options: NetworkOptions, vocabulary: Vocabulary, module: nn.Module) -> None:
        super().__init__(options, vocabulary)
        # Sampling in float64 keeps the shape of a batch from tipping a draw.
        self.module = module.double().cpu().eval()

    @classmethod
    @abstractmethod
    def build(cls, options: Any, vocabulary: Vocabulary) -> nn.Module:
        """A fresh module, randomly initialised."""

    @classmethod
    def context_of(cls, options: Any) -> int | None:
        """The context length that these options give; by default their `context`, if any."""
        return cast(int | None, getattr(options, "context", None))

    @property
    def context_length(self) -> int | None:  # type: ignore[override]
        """How many tokens can matter."""
        return self.context_of(self.options)

    @classmethod
    def fit(
        cls,
        options: Any,
        vocabulary: Vocabulary,
        train: Dataset,
        validation: Dataset | None,
        run: FitRun,
    ) -> Self:
        """Train with AdamW; the weights of the best validation loss are kept.

        Raises:
            RequestError: the device is not there, or the loss is no longer a number.
        """
        device = find_device(run.device)
        torch.manual_seed(run.seed)
        module = cls.build(options, vocabulary).to(device)
        context = cls.context_of(options)
        held_out = batches_of(validation, context) if validation is not None else None
        TrainingLoop(module, options, batches_of(train, context), held_out, run).until_the_end()
        return cls(options, vocabulary, module)

    @classmethod
    def initial(cls, options: Any, vocabulary: Vocabulary, seed: int) -> Self:
        """The model as a training with this seed begins, before its first step."""
        torch.manual_seed(seed)
        return cls(options, vocabulary, cls.build(options, vocabulary))

    def initial_arrays(self, seed: int) -> Arrays:
        """`arrays` as a training with this seed begins."""
        return self.initial(self.options, self.vocabulary, seed).arrays()

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V), evaluated in float64."""
        terminator = self.vocabulary.terminator_id
        if self.context_length is not None:
            inputs = torch.from_numpy(prefixes.padded(self.context_length, terminator))
            with torch.inference_mode():
                return functional.log_softmax(self.module(inputs), dim=-1).numpy()
        return self._unbounded_logprobs(prefixes)

    def _unbounded_logprobs(self, prefixes: Prefixes) -> Floats:
        logprobs = np.empty((len(prefixes), self.vocabulary.size))
        for length in np.unique(prefixes.lengths):
            rows = np.flatnonzero(prefixes.lengths == length)
            ids = prefixes.select(rows).padded(int(length) + 1, self.vocabulary.terminator_id)
            with torch.inference_mode():
                logits = self.module(torch.from_numpy(ids))[:, -1]
                logprobs[rows] = functional.log_softmax(logits, dim=-1).numpy()
        return logprobs

    def arrays(self) -> Arrays:
        """The module's parameters and buffers, in float32."""
        state = self.module.state_dict()
        return {name: tensor.float().numpy() for name, tensor in state.items()}

    @classmethod
    def from_arrays(cls, options: Any, vocabulary: Vocabulary, arrays: Arrays) -> Self:
        """The model with these weights.

        Raises:
            ValueError: a tensor is missing, unknown or of another shape.
        """
        module = cls.build(options, vocabulary)
        expected = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
        given = {name: np.shape(array) for name, array in arrays.items()}
        if expected != given:
            raise ValueError(f"tensors {given} where the options ask for {expected}")
        module.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        return cls(options, vocabulary, module)
