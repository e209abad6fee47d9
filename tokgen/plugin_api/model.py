"""LanguageModel: prefixes -> log-probabilities of the next token.

Everything here is numpy, so a model can be read, sampled and tested without torch; `TorchModel`
adds what networks need. Shapes: B sequences, T tokens, V vocabulary, C columns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from tokgen.arrays import Arrays, Floats, Ints
from tokgen.plugin_api.decoder import Decoder, RecomputingDecoder
from tokgen.plugin_api.explanation import Explanation
from tokgen.plugin_api.learned import Shape, check_arrays
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.positions import check_documents
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tokgen.plugin_api.dataset import Dataset
    from tokgen.plugin_api.fit_run import FitRun
    from tokgen.plugin_api.gradient_step import GradientStep

Parts = Mapping[str, "LanguageModel"]


class LanguageModel(ABC):
    """A model, made with options and a vocabulary, then fitted or loaded, and never changed again.

    So several threads may ask it at once. `learned` names the attributes that hold what the model
    has learnt: the base class saves, checks and loads these.

    Attributes:
        tokgen_api: the number of the contract for which the class is written. 1 is the default and
            the only number so far.
        context_length: how many tokens can matter to the next one; None means all of them.
        max_positions: how many ids a prefix may have, the start id included; None means any number.
        dtype: the type of the numbers of `next_logprobs`; float32 is for very large vocabularies.
        batch_invariant: equal prefixes give rows of equal bits, whatever else is in the batch.
            Where this is False, tokgen always asks `next_logprobs` for the same number of rows.
        pads_with_terminators: where a bounded context reaches beyond the beginning of a document,
            the model reads terminators there, and views show them. False where the model reads only
            one terminator, or the start id, before the first token.
        goes_on: the fit takes steps, and can begin with the arrays of `FitRun.begin_with`.
        uses_device: the fit runs on `FitRun.device`. Where this is False, tokgen tells a user who
            names an accelerator that it would have no effect.
        reads_given: the model uses `Prefixes.given`. tokgen gives no column to other models.
        parts: the whole models of which this one is made (as a mixture is), by name; each is saved
            by itself. They come from the option `parts`, where the model declares it, and are
            fitted before the model is. The model asks them, and does not change or replace them.
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
        """Make a model and fit it; it does not change any more. The arguments are those of `fit`.

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
        """Learn from `train`. `validation` only decides when to stop; without it `run` decides.

        Where an option does not suit the data, the model may change it in `self.options` if the
        user left it at its default: tokgen tells the user. Otherwise (`model_fields_set` names it)
        the model refuses it.
        """

    @abstractmethod
    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities (B, V) of the next token, in nats, each row normalised.

        A start id never follows: what a row gives it is shared among the other tokens in
        proportion.
        """

    @abstractmethod
    def learned(self) -> Mapping[str, Shape | None]:
        """The shape of each array that is learnt, by name; None where the data decide the shape."""

    def prepare(self) -> None:  # noqa: B027
        """Compute what follows from what was learnt; called once, after the fit or the loading.

        Override it where something follows from the arrays, or where arrays may have to be refused.

        Raises:
            ValueError: this model cannot have learnt the arrays that were loaded.
        """

    def arrays(self) -> Arrays:
        """What was learnt, by name."""
        return {name: np.asarray(getattr(self, name)) for name in self.learned()}

    def take_arrays(self, arrays: Arrays) -> None:
        """Become the model that gave these arrays, whose names and shapes have been checked."""
        for name, array in arrays.items():
            setattr(self, name, array)

    def freeze(self) -> None:
        """Make what was learnt read-only, so that code that writes into it fails at once."""
        for array in self.arrays().values():
            array.setflags(write=False)

    @classmethod
    def from_arrays(
        cls, options: Any, vocabulary: Vocabulary, arrays: Arrays, parts: Parts | None = None
    ) -> Self:
        """The model that gave `arrays`.

        Raises:
            ValueError: a name, shape or number is not what the options ask for.
        """
        model = cls(options, vocabulary, parts)
        check_arrays(model.learned(), arrays)
        model.take_arrays(arrays)
        model.freeze()
        model.prepare()
        return model

    @classmethod
    def initial(cls, options: Any, vocabulary: Vocabulary, seed: int) -> Self | None:
        """The model before the first step of a training with this seed; None where it has none."""
        return None

    def token_logprobs(self, documents: Prefixes) -> Floats | None:
        """Log-probability (B, T) of each id of whole documents, given those before it, in nats.

        The documents hold their terminators and no start id; a start id gets no share of the
        probabilities. Left of a row's length there may be anything. The result is right-aligned
        like the ids. None where the model has no faster way than one position after the other.
        """
        return None

    def embedding_table(self) -> Floats | None:
        """The vector (V, K) of each token; None where the model has no such table."""
        return None

    def state_keys(self, prefixes: Prefixes) -> Ints:
        """Keys (B, W) from 0 to V + 1, equal only for prefixes that have the same future.

        By default the keys are the context itself, with V left of the beginning. A model that
        forgets more than its context length says (a back-off n-gram) returns the same keys for more
        prefixes, so that its Markov chain is smaller. Only for models with a context length.
        """
        if self.context_length is None:
            raise ValueError("a model without a context length has no state keys")
        return prefixes.padded(self.context_length, self.vocabulary.size)

    def gradient_step(self, prefix: Prefixes, target: int, rate: float) -> GradientStep | None:
        """Take one step of gradient descent that makes `target` more probable after one prefix.

        The step changes a copy of the model. None where the model is not trained by gradient.
        """
        return None

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """The steps by which the model comes to its distribution after one prefix, or an empty
        list.

        The last step holds the probabilities of all tokens, as a softmax gives them.
        """
        return []

    def decoder(self, prefixes: Prefixes) -> Decoder:
        """A decoder for sequences that begin with `prefixes`; override it to keep a state.

        Call only the methods of `Decoder` on the result, inside the model too.
        """
        return RecomputingDecoder(self, prefixes)
