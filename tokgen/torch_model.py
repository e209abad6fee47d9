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

from tokgen.dataset import Dataset
from tokgen.errors import RequestError
from tokgen.fitting import FitRun, Progress
from tokgen.model import Arrays, Floats, LanguageModel, Prefixes
from tokgen.optimization import NetworkOptions, learning_rate_at
from tokgen.tokenizer import Vocabulary

EVALUATED_AT_ONCE = 65_536
NOT_A_TARGET = -100

Batch = tuple[Tensor, Tensor]
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
        examples = _Examples(train, context, device)
        held_out = _Examples(validation, context, device) if validation is not None else None
        _Training(module, options, examples, held_out, run).until_the_end()
        return cls(options, vocabulary, module)

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


def left_aligned(prefixes: Prefixes, padding: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The ids (B, T) with each row's content at its left, `padding` right of it."""
    width = prefixes.ids.shape[1]
    columns = np.arange(width) + (width - prefixes.lengths)[:, None]
    ids = np.take_along_axis(prefixes.ids, np.minimum(columns, width - 1), axis=1)
    return np.where(columns < width, ids, padding)


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


class _Examples:
    """A dataset as batches for a module: windows, or whole documents where nothing bounds them."""

    def __init__(self, dataset: Dataset, context: int | None, device: torch.device) -> None:
        self.dataset = dataset
        self.context = context
        self.device = device

    def __len__(self) -> int:
        return len(self.dataset if self.context is not None else self.dataset.documents)

    def batch(self, examples: np.ndarray[Any, np.dtype[np.int64]]) -> Batch:
        """Inputs and targets of the examples at these indices."""
        if self.context is not None:
            windows = self.dataset.windows(examples, self.context)
            return self._tensor(windows.contexts), self._tensor(windows.targets)
        documents = self.dataset.documents_at(examples)
        targets = left_aligned(documents, NOT_A_TARGET)
        inputs = np.roll(left_aligned(documents, 0), 1, axis=1)
        inputs[:, 0] = self.dataset.vocabulary.terminator_id
        return self._tensor(inputs), self._tensor(targets)

    def random_batches(self, size: int, generator: np.random.Generator) -> Iterator[Batch]:
        """Shuffled passes over all examples, without end."""
        while True:
            order = generator.permutation(len(self))
            for begin in range(0, len(order), size):
                yield self.batch(order[begin : begin + size])

    def in_order(self) -> Iterator[Batch]:
        """Every example once."""
        size = EVALUATED_AT_ONCE if self.context is not None else EVALUATED_AT_ONCE // 64
        for begin in range(0, len(self), size):
            yield self.batch(np.arange(begin, min(begin + size, len(self))))

    def _tensor(self, array: np.ndarray[Any, np.dtype[np.int64]]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


def _loss(module: nn.Module, batch: Batch, smoothing: float, reduction: str) -> Tensor:
    inputs, targets = batch
    logits = module(inputs)
    return functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]),
        targets.reshape(-1),
        ignore_index=NOT_A_TARGET,
        label_smoothing=smoothing,
        reduction=reduction,
    )


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
        train: _Examples,
        validation: _Examples | None,
        run: FitRun,
    ) -> None:
        self.module = module
        self.options = options
        self.train = train
        self.validation = validation
        self.run = run
        self.best = _Best()
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
        generator = np.random.default_rng(self.run.seed)
        batches = self.train.random_batches(self.options.batch_size, generator)
        started, seen, losses = time.perf_counter(), 0, []
        self.module.train()
        for step in range(1, self.last_step + 1):
            batch = next(batches)
            losses.append(self._update(batch, step - 1))
            seen += len(batch[0])
            if self._is_evaluation(step):
                loss = float(torch.stack(losses).mean())
                self._check(loss, step)
                rate = seen / (time.perf_counter() - started)
                self._report(step, loss, rate)
                losses = []
            yield step

    def _update(self, batch: Batch, step: int) -> Tensor:
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate_at(step, self.options)
        loss = _loss(self.module, batch, self.options.label_smoothing, "mean")
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
        validation_loss = self._validation_loss() if self.validation else None
        if validation_loss is not None:
            self._keep_if_best(validation_loss)
        self.run.report(Progress(step, self.last_step, loss, validation_loss, rate))

    def _validation_loss(self) -> float:
        assert self.validation is not None
        self.module.eval()
        with torch.inference_mode():
            total = sum(
                float(_loss(self.module, batch, 0.0, "sum")) for batch in self.validation.in_order()
            )
        self.module.train()
        return total / len(self.validation.dataset)

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
