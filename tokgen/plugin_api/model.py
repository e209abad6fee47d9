"""LanguageModel and Decoder: prefixes -> log-probabilities of the next token.

Everything here is numpy, so a model can be read, sampled and tested without torch; `TorchModel`
adds what networks need. Shapes: B sequences, T tokens, V vocabulary, C columns.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Arrays, Floats, Ints
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.positions import check_documents
from tokgen.plugin_api.prefixes import Prefixes, distinct_prefixes
from tokgen.plugin_api.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tokgen.plugin_api.dataset import Dataset
    from tokgen.plugin_api.fit_run import FitRun
    from tokgen.plugin_api.gradient_step import GradientStep

Shape = tuple[int, ...]
Parts = Mapping[str, "LanguageModel"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """One step from a context to the distribution.

    Attributes:
        name: says what the step is, in words.
        values: numbers, (R,) or (R, C).
        rows: a label for each row; none where rows have no names. Where they are the vocabulary's
            symbols, a view shows the tokens that are the most probable in the end.
        columns: a label for each column of values (R, C); none where columns have no names.
        shares: whether each column is shares of one, which a view draws as bars and in colours.
    """

    name: str
    values: NDArray[Any]
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    shares: bool = False


class Decoder(ABC):
    """A batch of B sequences that generation makes longer, token by token.

    `advance` and `join` replace arrays by new ones and never write into an array that is there,
    so that a copy (`copy`) is independent.
    """

    @abstractmethod
    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V), as `next_logprobs` gives them."""

    @abstractmethod
    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Make sequence i the old sequence `parents[i]` with `tokens[i]` appended.

        `parents` drops, repeats or reorders rows: finished ones, branches, beams. Shapes (B',).
        """

    @abstractmethod
    def join(self, prefixes: Prefixes) -> None:
        """Add sequences that stand at these prefixes (B',) behind those that are there."""

    def copy(self) -> Self:
        """A decoder that stands where this one does and goes on by itself."""
        return copy.copy(self)


class LanguageModel(ABC):
    """A model: made with options and a vocabulary, then fitted or loaded, and not changed after.

    So several threads may ask it at once. `learned` names the attributes that hold what the model
    has learnt; the base class saves, checks and loads them.

    Attributes:
        tokgen_api: which contract the class is written for; the number 1 is the only one so far,
            and the one of a class that says nothing.
        context_length: how many tokens can matter to the next one; None means all of them.
        max_positions: how many ids a prefix may have at all, the start id counted where there is
            one; None means any number.
        dtype: the type of the numbers of `next_logprobs`; float32 is for very large vocabularies.
        batch_invariant: equal prefixes give bit-equal rows whatever else is in the batch. Where
            that is not certain, `next_logprobs` is always asked for the same number of rows.
        pads_with_terminators: a bounded context that reaches beyond the beginning of a document
            holds terminators there; views show a window so. False where one terminator alone is
            read before the first token, or the start id.
        goes_on: its fit takes steps, and can begin with the arrays of `FitRun.begin_with`.
        uses_device: its fit runs on `FitRun.device`; with any other, a user who names an
            accelerator is told that it would have no effect.
        reads_given: the model uses `Prefixes.given`. tokgen gives no column to other models.
        parts: whole models inside this one (a mixture's), by name; each is saved by itself. They
            come from the option `parts`, where the model declares it, and are fitted before the
            model is. The model asks them, and does not change or replace them.
    """

    tokgen_api: ClassVar[int] = 1
    Options: ClassVar[type[PluginOptions]] = PluginOptions

    context_length: int | None
    max_positions: int | None = None
    dtype: ClassVar[type[np.floating[Any]]] = np.float64
    batch_invariant: ClassVar[bool] = False
    reads_given: ClassVar[bool] = False
    uses_device: ClassVar[bool] = False
    goes_on: ClassVar[bool] = False
    pads_with_terminators: ClassVar[bool] = True

    def __init__(self, options: Any, vocabulary: Vocabulary, parts: Parts | None = None) -> None:
        super().__init__()
        self.options = options
        self.vocabulary = vocabulary
        self.parts: Parts = dict(parts or {})

    @classmethod
    def fitted(
        cls,
        options: Any,
        vocabulary: Vocabulary,
        train: Dataset,
        validation: Dataset | None,
        run: FitRun,
        parts: Parts | None = None,
    ) -> Self:
        """A model that has learnt, and does not change any more; arguments as for `fit`.

        Raises:
            RequestError: a document is longer than the model can read; or as `fit`.
        """
        model = cls(options, vocabulary, parts)
        check_documents(model, train.lengths, "Training document")
        if validation is not None:
            check_documents(model, validation.lengths, "Validation document")
        model.fit(train, validation, run)
        model.freeze()
        model.prepare()
        return model

    @abstractmethod
    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Learn from `train`; `validation` may only decide when to stop (None: `run` decides).

        An option that was left at its default and does not suit the data may be put right in
        `self.options`; the user is told. One that was given (`model_fields_set`) is refused.
        """

    @abstractmethod
    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V): nats, each row normalised.

        What a row gives a start id counts for nothing, as it never follows: the other tokens share
        it in proportion.
        """

    @abstractmethod
    def learned(self) -> Mapping[str, Shape | None]:
        """Name and shape of each array that is learnt; None where the data decide the shape."""

    def prepare(self) -> None:  # noqa: B027
        """Called once when everything that is learnt is there, fitted or loaded.

        Override to compute what follows from it, or to refuse what cannot be used.

        Raises:
            ValueError: what was loaded cannot have been learnt.
        """

    def arrays(self) -> Arrays:
        """What was learnt, by name."""
        return {name: np.asarray(getattr(self, name)) for name in self.learned()}

    def take_arrays(self, arrays: Arrays) -> None:
        """Become the model that gave these arrays, whose names and shapes have been checked."""
        for name, array in arrays.items():
            setattr(self, name, array)

    def freeze(self) -> None:
        """Make what was learnt read-only, so that whoever writes into it is told at once."""
        for array in self.arrays().values():
            array.setflags(write=False)

    @classmethod
    def from_arrays(
        cls, options: Any, vocabulary: Vocabulary, arrays: Arrays, parts: Parts | None = None
    ) -> Self:
        """The model that gave `arrays`.

        Raises:
            ValueError: where a name, shape or number is not what the options ask for.
        """
        model = cls(options, vocabulary, parts)
        check_arrays(model.learned(), arrays)
        model.take_arrays(arrays)
        model.freeze()
        model.prepare()
        return model

    @classmethod
    def initial(cls, options: Any, vocabulary: Vocabulary, seed: int) -> Self | None:
        """The model as a training with this seed begins; None where nothing random is learnt."""
        return None

    def token_logprobs(self, documents: Prefixes) -> Floats | None:
        """Log-probability (B, T) of each id of whole documents given those before it, nats.

        The documents hold their terminators and no start id, which takes no share of any score;
        what is left of a row's length may be anything. The result is right-aligned like the ids.
        None where the model does no better than one position after the other.
        """
        return None

    def embedding_table(self) -> Floats | None:
        """The vector (V, K) of each token; None where the model has no such table."""
        return None

    def state_keys(self, prefixes: Prefixes) -> Ints:
        """Keys (B, W) from 0 to V + 1, equal only for prefixes that have the same future.

        By default the context itself, with V left of the beginning. A model that forgets more than
        its context length says (a back-off n-gram) returns the same keys for more prefixes, and is
        then a smaller Markov chain. Only for models with a context length.
        """
        if self.context_length is None:
            raise ValueError("a model without a context length has no state keys")
        return prefixes.padded(self.context_length, self.vocabulary.size)

    def gradient_step(self, prefix: Prefixes, target: int, rate: float) -> GradientStep | None:
        """One step of gradient descent that makes `target` more probable after one prefix.

        It changes a copy. None where the model is not trained by gradient.
        """
        return None

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """How the model comes to its distribution after one prefix; empty if it does not say.

        Whatever the steps, the last is the softmax (or its equal) over the vocabulary.
        """
        return []

    def decoder(self, prefixes: Prefixes) -> Decoder:
        """Grow sequences from `prefixes`. Override where the model can keep a state.

        Inside the model, too, this gives no more than the methods of `Decoder`.
        """
        return RecomputingDecoder(self, prefixes)


class RecomputingDecoder(Decoder):
    """Asks the model anew at each step; equal prefixes are evaluated once."""

    def __init__(self, model: LanguageModel, prefixes: Prefixes) -> None:
        self._model = model
        self._prefixes = prefixes.last(model.context_length)

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V)."""
        if len(self._prefixes) == 1:
            return self._model.next_logprobs(self._prefixes)
        distinct, rows = distinct_prefixes(self._prefixes)
        return self._model.next_logprobs(distinct)[rows]

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Append a token to each selected prefix."""
        grown = self._prefixes.select(parents).append(tokens)
        self._prefixes = grown.last(self._model.context_length)

    def join(self, prefixes: Prefixes) -> None:
        """Add prefixes."""
        self._prefixes = self._prefixes.join(prefixes.last(self._model.context_length))


def check_arrays(learned: Mapping[str, Shape | None], arrays: Arrays) -> None:
    """Hold arrays against what a model says that it learns.

    Raises:
        ValueError: a name lacks or is too many, a shape differs, or a number is not finite.
    """
    for name in sorted(set(learned) ^ set(arrays)):
        told = "is missing" if name in learned else "is none of those that the options ask for"
        raise ValueError(f"tensor {name!r} {told}")
    for name, shape in learned.items():
        if shape is not None and arrays[name].shape != shape:
            raise ValueError(f"tensor {name!r} has the shape {arrays[name].shape}, not {shape}")
        if arrays[name].dtype.kind == "f" and not np.isfinite(arrays[name]).all():
            raise ValueError(f"tensor {name!r} holds a number that is not finite")
