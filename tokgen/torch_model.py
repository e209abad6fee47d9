"""TorchModel: any nn.Module as a LanguageModel, and the training loop. The only importer of torch.

An author writes `build`: a module from ids to logits. With a context length k it maps contexts
(B, k) to logits (B, V); without one it maps ids (B, T) that begin with the terminator to the
logits (B, T, V) of what follows each position.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tokgen.batches import Batch, Batches, batches_of
from tokgen.dataset import Dataset
from tokgen.errors import RequestError
from tokgen.fitting import FitRun, Progress
from tokgen.model import Arrays, Floats, LanguageModel, Prefixes
from tokgen.optimization import NetworkOptions, learning_rate_at
from tokgen.tokenizer import Vocabulary

State = dict[str, Tensor]


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
        _Training(module, options, batches_of(train, context), held_out, run).until_the_end()
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


def find_device(name: str) -> torch.device:
    """The device of this name; `auto` takes an accelerator where there is one.

    Raises:
        RequestError: there is no such device here.
    """
    here = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device("cuda" if here["cuda"] else "mps" if here["mps"] else "cpu")
    if not here.get(name, False):
        present = ", ".join(device for device, there in here.items() if there)
        raise RequestError(f"There is no device {name!r} here. There is: {present}.")
    return torch.device(name)


def _loss(module: nn.Module, batch: Batch, smoothing: float, device: torch.device) -> Tensor:
    """Summed negative log-likelihood of a batch's targets, nats."""
    logits = module(_tensor(batch.inputs, device))
    logprobs = functional.log_softmax(logits.reshape(-1, logits.shape[-1]), dim=-1)
    rows, tokens = _tensor(batch.rows, device), _tensor(batch.tokens, device)
    chosen = logprobs[rows, tokens]
    if smoothing:
        chosen = (1 - smoothing) * chosen + smoothing * logprobs.mean(dim=-1)[rows]
    return -(_tensor(batch.weights, device) * chosen).sum()


def _tensor(array: np.ndarray[Any, Any], device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


@dataclass
class _Best:
    """The lowest validation loss so far, the weights that had it, and how long ago that was."""

    loss: float = float("inf")
    state: State = field(default_factory=dict)
    evaluations_since: int = 0


class _Training:
    """One run of the loop over a module, which it leaves with the best weights."""

    def __init__(
        self,
        module: nn.Module,
        options: NetworkOptions,
        train: Batches,
        validation: Batches | None,
        run: FitRun,
    ) -> None:
        self.module = module
        self.options = options
        self.train = train
        self.validation = validation
        self.run = run
        self.best = _Best()
        self.device = next(module.parameters()).device
        self.optimizer = _optimizer(module, options)
        self.last_step = min(run.stop_after or options.steps, options.steps)

    def until_the_end(self) -> None:
        """Train; Ctrl-C ends it early and keeps the best weights so far."""
        step = 0
        try:
            for step in self._steps():
                if self._is_evaluation(step) and self._evaluated_enough():
                    break
        except KeyboardInterrupt:
            self.run.report(Progress(step, self.options.steps, None, interrupted=True))
        if self.best.state:
            self.module.load_state_dict(self.best.state)

    def _steps(self) -> Iterator[int]:
        batches = self._random_batches()
        started, seen, losses = time.perf_counter(), 0.0, []
        self.module.train()
        for step in range(1, self.last_step + 1):
            batch = next(batches)
            losses.append(self._update(batch, step - 1))
            seen += batch.examples
            if self._is_evaluation(step):
                loss = float(torch.stack(losses).mean())
                self._check(loss, step)
                rate = seen / (time.perf_counter() - started)
                self._report(step, loss, rate)
                losses = []
            yield step

    def _random_batches(self) -> Iterator[Batch]:
        """Shuffled passes over all batches, without end."""
        generator = np.random.default_rng(self.run.seed)
        while True:
            order = generator.permutation(len(self.train))
            for begin in range(0, len(order), self.options.batch_size):
                yield self.train.batch(order[begin : begin + self.options.batch_size])

    def _update(self, batch: Batch, step: int) -> Tensor:
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate_at(step, self.options)
        summed = _loss(self.module, batch, self.options.label_smoothing, self.device)
        loss = summed / batch.examples
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.detach()

    def _is_evaluation(self, step: int) -> bool:
        return step % self.options.evaluate_every == 0 or step == self.last_step

    def _check(self, loss: float, step: int) -> None:
        if not np.isfinite(loss):
            raise RequestError(
                f"The loss is {loss} at step {step}: lower the learning_rate "
                f"(it is {self.options.learning_rate})."
            )

    def _report(self, step: int, loss: float, rate: float) -> None:
        validation_loss = self._validation_loss(self.validation) if self.validation else None
        if validation_loss is not None:
            self._keep_if_best(validation_loss)
        self.run.report(Progress(step, self.last_step, loss, validation_loss, rate))

    def _validation_loss(self, validation: Batches) -> float:
        self.module.eval()
        total, examples = 0.0, 0.0
        with torch.inference_mode():
            for begin in range(0, len(validation), validation.at_once):
                end = min(begin + validation.at_once, len(validation))
                batch = validation.batch(np.arange(begin, end))
                total += float(_loss(self.module, batch, 0.0, self.device))
                examples += float(batch.weights.sum())
        self.module.train()
        return total / examples

    def _keep_if_best(self, loss: float) -> None:
        if loss < self.best.loss:
            state = {name: tensor.clone() for name, tensor in self.module.state_dict().items()}
            self.best = _Best(loss, state)
        else:
            self.best.evaluations_since += 1

    def _evaluated_enough(self) -> bool:
        return 0 < self.options.patience <= self.best.evaluations_since


def _optimizer(module: nn.Module, options: NetworkOptions) -> torch.optim.Optimizer:
    parameters = list(module.parameters())
    matrices = [parameter for parameter in parameters if parameter.dim() > 1]
    vectors = [parameter for parameter in parameters if parameter.dim() <= 1]
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": options.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=options.learning_rate)
