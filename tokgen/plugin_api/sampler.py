"""Sampler: a pure reshaping of log-probabilities, and what it may know beside them.

A sampler draws nothing: one that would flip a coin returns what follows from either side of it, as
weighted branches. So every chain of samplers has probabilities that can be shown.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from tokgen.arrays import Floats, Ints, read_only
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary

Needs = Literal["distribution", "position", "history"]
MOST_BRANCHES = 16


@dataclass(frozen=True, eq=False)
class History:
    """The ids of each of B sequences, and how surprising the drawn ones were.

    A sampler reads it in its `SamplingContext`; an author makes one to test a sampler. Where a
    sampler needs the history, all B sequences have drawn equally many tokens, n; how many
    ids stood before may differ.

    Attributes:
        ids: (B, T) as `Prefixes`, with the ids that stood there before drawing began.
        start: (B,) how many ids stood there before drawing began.
        surprisal_model: (B, n) −ln p of each drawn token under the model alone, in nats.
        surprisal_drawn: (B, n) −ln p of each drawn token under the distribution that it was drawn
            from, in nats; a token that was forced although the samplers had removed it has the
            model's surprisal.
    """

    ids: Prefixes
    start: Ints
    surprisal_model: Floats
    surprisal_drawn: Floats

    @classmethod
    def of(
        cls,
        drawn: Sequence[Sequence[int]],
        before: Sequence[int] = (),
        surprisal_model: Sequence[Sequence[float]] | None = None,
        surprisal_drawn: Sequence[Sequence[float]] | None = None,
    ) -> History:
        """The history of sequences that drew these ids, equally many each, for tests.

        Args:
            drawn: (B, n) ids.
            before: the ids that stood before the drawing in every sequence.
            surprisal_model: (B, n) nats; 0 for each token by default, as if it had been certain.
            surprisal_drawn: (B, n) nats; the model's by default.
        """
        model = np.zeros(np.shape(drawn)) if surprisal_model is None else np.array(surprisal_model)
        return cls(
            ids=Prefixes.of([[*before, *ids] for ids in drawn]),
            start=np.full(len(drawn), len(before)),
            surprisal_model=model,
            surprisal_drawn=model if surprisal_drawn is None else np.array(surprisal_drawn),
        )


@dataclass(frozen=True, eq=False)
class SamplingContext:
    """What a sampler may know of the B rows of a batch, as far as it declared it in `needs`.

    tokgen makes it. A test of a sampler makes one, as `SamplingContext("history", vocabulary,
    History.of([[2, 0]]))`, without a history where the sampler needs the distribution alone.
    """

    needs: Needs
    vocabulary: Vocabulary
    _history: History | None = None

    @property
    def position(self) -> Ints:
        """(B,) how many tokens were drawn before this one (needs "position" or "history")."""
        history = self._declared("position", ("position", "history"))
        return history.ids.lengths - history.start

    @property
    def ids(self) -> Prefixes:
        """All ids before this token, those of the prefix included (needs "history").

        Prefixes of B rows: `context.ids[row]` is the list of one row's ids, and
        `context.ids.padded(width, padding)` the last ids of all rows as an array (B, width).
        """
        return self._declared("ids", ("history",)).ids.read_only()

    @property
    def start(self) -> Ints:
        """(B,) how many of the ids stood there before drawing began (needs "history")."""
        return read_only(self._declared("start", ("history",)).start)

    @property
    def surprisal_model(self) -> Floats:
        """(B, n) −ln p of each drawn token under the model, in nats (needs "history")."""
        return read_only(self._declared("surprisal_model", ("history",)).surprisal_model)

    @property
    def surprisal_drawn(self) -> Floats:
        """(B, n) −ln p of each drawn token as it was drawn, in nats (needs "history")."""
        return read_only(self._declared("surprisal_drawn", ("history",)).surprisal_drawn)

    def _declared(self, name: str, enough: tuple[Needs, ...]) -> History:
        if self.needs not in enough or self._history is None:
            raise AttributeError(
                f'context.{name} is there for samplers that declare needs = "{enough[0]}"; '
                f'this one declares "{self.needs}"'
            )
        return self._history


class Branches:
    """The results of a sampler of chance: a weight for each, and rows (B, V).

    `Branches((0.3, without_top), (0.7, logprobs))`: the weights are probabilities and sum to one.
    They are the same for all rows. There may be at most 16 branches.
    """

    def __init__(self, *branches: tuple[float, Floats]) -> None:
        self.branches = branches


class Sampler(ABC):
    """Changes the distribution over the next token. Equal arguments give equal results.

    Attributes:
        tokgen_api: the number of the contract for which the class is written. 1 is the default and
            the only number so far.
        needs: what `apply` reads: "distribution" alone, the "position" of the token among those
            drawn too, or the whole "history".
        constant_after: the position from which on a sampler that needs the position always does the
            same; None where there is none. With such a position a model of bounded context stays a
            finite Markov chain.
        neutral: options under which the sampler changes nothing; None where there are none.
        as_temperature: the temperature t of a sampler that divides log-probabilities by t and does
            nothing else, None for any other sampler. Tables show it as T.
    """

    tokgen_api: ClassVar[int] = 1
    Options: ClassVar[type[PluginOptions]] = PluginOptions

    needs: ClassVar[Needs] = "distribution"
    neutral: ClassVar[PluginOptions | None] = None

    def __init__(self, options: Any) -> None:
        self.options = options

    @property
    def constant_after(self) -> int | None:
        """The position from which on the sampler always does the same (needs "position")."""
        return None

    @property
    def as_temperature(self) -> float | None:
        """The t by which the sampler divides log-probabilities; None if it does anything else."""
        return None

    @abstractmethod
    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats | Branches:
        """New log-probabilities (B, V) from normalised ones (B, V); -inf removes a token.

        Both are float64, in nats. The result need not be normalised; at least one token of each row
        must remain, and a token that was removed stays removed. `apply` draws nothing: where chance
        decides, it returns `Branches` of such results. What a row becomes depends on that row alone
        and on its own context. The arrays that `apply` is given are read-only.

        Raises:
            RequestError: the options do not fit the vocabulary, in a sentence for the user.
        """
