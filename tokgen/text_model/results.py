"""What a TextModel answers: documents, distributions and scores as text, small and frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.text_model.argument_names import asked_by_name
from tokgen.unicode import inert

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Generated:
    """One generated document.

    Attributes:
        ids: its tokens, without the terminator and a start id.
        logprob: log-probability of the whole document under the model alone, in nats, as `score`
            gives it.
        logprob_drawn: log-probability in nats of what was drawn after the prefix, under the sampler
            chain and given the conditions; None where the probability of the conditions is not
            known.
        finished: False where the document was cut at the length limit.
    """

    text: str
    logprob: float
    logprob_drawn: float | None
    finished: bool
    ids: tuple[int, ...] = ()

    @property
    def finish_reason(self) -> str:
        """`stop` where the document ended by itself, `length` where it was cut."""
        return "stop" if self.finished else "length"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.worked_html import html_of_generated

        return html_of_generated(self)


_AS_A_LIST = "list(model.generate(…)) draws them all."


@dataclass(frozen=True, eq=False)
class Drawn(Iterator[Generated]):
    """Documents, each drawn when the iterator is asked for it, and given once.

    `list` keeps them, for whoever wants to count them, to choose one, or to see them twice.

    Attributes:
        seed: the random seed; the same one gives the same documents again.
    """

    seed: int
    documents: Iterator[Generated]

    def __repr__(self) -> str:
        return f"<Drawn: seed {self.seed}, each document is drawn when it is asked for>"

    def __next__(self) -> Generated:
        """The next document."""
        return next(self.documents)

    def __getitem__(self, place: object) -> NoReturn:
        """Refused: a document that was drawn is not kept."""
        raise TypeError(f"Documents have no places until they are drawn: {_AS_A_LIST}")

    def __len__(self) -> NoReturn:
        """Refused: how many there are shows only when all are drawn."""
        raise TypeError(f"How many documents there are is not known yet: {_AS_A_LIST}")

    def __bool__(self) -> bool:
        """True, as of any iterator."""
        return True


def ranked(logprobs: Floats) -> Ints:
    """Token ids (V,), the most probable first; of equally probable ones the lower id."""
    return np.argsort(-logprobs, kind="stable")


def entropy(logprobs: Floats) -> float:
    """Entropy of a distribution (V,), nats."""
    possible = logprobs[logprobs > -np.inf]
    return abs(float((np.exp(possible) * possible).sum()))


@dataclass(frozen=True, eq=False)
class NextToken:
    """The distribution over the token after a prefix.

    Attributes:
        prefix: the text of `ids` and `rest`, in NFC.
        ids: the ids of the prefix, the start id included where the vocabulary has one.
        rest: the last UTF-8 bytes of the prefix, which `ids` do not spell yet: the next tokens are
            going to spell them.
        start: how many of the ids stood there before drawing began.
        tokens: the symbols of the ids, of which the model sees the last `seen`.
        window: the symbols that the model sees; left of the beginning the terminator's.
        symbols: the symbol of each token (V).
        logprobs: log-probabilities (V,) under the model alone, in nats, given that the next tokens
            spell `rest`.
        labels: the name and options of each sampler of the chain.
        stages: log-probabilities (V,) after each sampler, in nats.
        given: the columns that the model was told, with their values.
    """

    prefix: str
    ids: tuple[int, ...]
    rest: bytes
    start: int
    tokens: tuple[str, ...]
    seen: int
    window: tuple[str, ...]
    symbols: tuple[str, ...]
    logprobs: Floats
    labels: tuple[str, ...] = ()
    stages: tuple[Floats, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def context(self) -> str:
        """The symbols of the window joined to one text."""
        return "".join(self.window)

    @property
    def rest_text(self) -> str:
        """`rest` as text; bytes that are no whole character become U+FFFD."""
        return self.rest.decode("utf-8", errors="replace")

    @property
    def final_logprobs(self) -> Floats:
        """Log-probabilities (V,) after the whole chain, in nats."""
        return self.stages[-1] if self.stages else self.logprobs

    @property
    def probs(self) -> Floats:
        """The probabilities (V,) after the whole chain."""
        return np.exp(self.final_logprobs)

    @property
    def model_probs(self) -> Floats:
        """The probabilities (V,) that the model gives, before any sampler."""
        return np.exp(self.logprobs)

    @property
    def entropy(self) -> float:
        """Entropy of the distribution after the whole chain, in nats."""
        return entropy(self.final_logprobs)

    def without_chain(self) -> NextToken:
        """The same distribution without samplers: the model's own."""
        return replace(self, labels=(), stages=())

    @asked_by_name()
    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the distribution with matplotlib, on `ax` if it is given, and return the figure."""
        from tokgen.text_model.plots.distributions import distribution

        where = f"after {self.prefix!r}" if self.prefix else "at the beginning"
        chain = f" · {' → '.join(self.labels)}" if self.labels else ""
        return distribution(self, inert(f"{where}{chain}"), ax)

    def __str__(self) -> str:
        """What `print` shows."""
        from tokgen.text_model.printed_results import printed_distribution

        return printed_distribution(self, ranked(self.logprobs))

    def __repr__(self) -> str:
        from tokgen.text_model.printed_results import named_distribution

        return named_distribution(self, ranked(self.final_logprobs))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.results_html import html_of_distribution

        return html_of_distribution(self, ranked(self.logprobs).tolist())


@dataclass(frozen=True)
class Score:
    """The tokens of a document, the terminator last, each with its log-probability in nats.

    Attributes:
        given: the columns that the model was told, with their values.
    """

    text: str
    tokens: tuple[str, ...]
    logprobs: tuple[float, ...]
    given: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def logprob(self) -> float:
        """Log-probability of the whole document, in nats."""
        return sum(self.logprobs)

    def __str__(self) -> str:
        """What `print` shows."""
        from tokgen.text_model.printed_results import printed_score

        return printed_score(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.results_html import html_of_score

        return html_of_score(self)


@dataclass(frozen=True)
class Ranked:
    """A document of `TextModel.top`; ids and log-probabilities are those of `Generated`."""

    text: str
    logprob: float
    logprob_drawn: float | None
    ids: tuple[int, ...] = ()

    @property
    def generated(self) -> Generated:
        """The same document as `TextModel.generate` gives one that ended by itself."""
        return Generated(self.text, self.logprob, self.logprob_drawn, True, self.ids)
