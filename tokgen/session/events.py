"""What a session tells: small immutable events, for a terminal or a web page to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokgen.plugin_api.explanation import Explanation
from tokgen.plugin_api.fit_run import Progress
from tokgen.session.comparison import Comparison
from tokgen.text_model.cross_entropy import CrossEntropy
from tokgen.text_model.embedding_map import EmbeddingMap
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.embeddings import Similar
from tokgen.text_model.gradient_step import TakenStep
from tokgen.text_model.results import Generated, NextToken, Ranked, Score
from tokgen.text_model.tree import TreeNode
from tokgen.training.references import References
from tokgen.training.verdict import Verdict


@dataclass(frozen=True)
class Distribution:
    """The distribution after the present prefix, `rows` of it, sorted as the session says."""

    next: NextToken
    temperature: float
    sort: str
    rows: int | None


@dataclass(frozen=True)
class Sampled:
    """One token was chosen. Rank (from 1), probability and surprisal are the model's.

    Attributes:
        forced: it was not drawn.
        prob_drawn: its probability under the chain it was drawn with; None where it was forced.
    """

    token: str
    rank: int
    prob: float
    surprisal_bits: float
    forced: bool = False
    prob_drawn: float | None = None


@dataclass(frozen=True)
class Completed:
    """The document ended; log-probability of the whole of it, nats, and its neighbour."""

    text: str
    logprob: float
    known: bool | None
    nearest: str | None
    distance: int | None


@dataclass(frozen=True)
class Names:
    """Documents generated from here; `novel` says of each whether the corpus lacks it, if known.

    Where there are many they come in several events.
    """

    documents: tuple[Generated, ...]
    novel: tuple[bool | None, ...]


@dataclass(frozen=True)
class Best:
    """The most probable documents from here in order; `first` is the rank of the first of them."""

    documents: tuple[Ranked, ...]
    first: int = 1


@dataclass(frozen=True)
class Tree:
    """The generation tree from here; `numbers` are those of nodes that one can go to, by ids."""

    root: TreeNode
    numbers: dict[tuple[int, ...], int]


@dataclass(frozen=True)
class Scored:
    """A document and the surprisal of its tokens."""

    score: Score


@dataclass(frozen=True)
class WorkedOut:
    """The cross-entropy of a document, window by window."""

    document: CrossEntropy


@dataclass(frozen=True)
class Stepped:
    """What one step of gradient descent would change; the session's model stays as it is.

    Attributes:
        rows: how many tokens, and of the embedding table how many rows, are shown.
    """

    step: TakenStep
    rows: int | None


@dataclass(frozen=True)
class Mapped:
    """The embeddings on a map; `better` says which checkpoint has one where this shows little."""

    map: EmbeddingMap
    space: EmbeddingSpace
    better: str | None


@dataclass(frozen=True)
class Tabled:
    """The embedding table in figures."""

    space: EmbeddingSpace


@dataclass(frozen=True)
class Nearby:
    """The symbols that are similar to one, or that answer an analogy."""

    similar: Similar


@dataclass(frozen=True)
class Learnt:
    """The losses that a training reported, by step, and what guessing would cost."""

    history: tuple[Progress, ...]
    beside: References


@dataclass(frozen=True)
class Retrained:
    """The open model has other weights now.

    Attributes:
        steps: how many were taken.
        asked: how many were asked for; None where it is put back before its first step.
        split: on which the losses (nats per token) were measured.
    """

    steps: int
    asked: int | None
    split: str
    loss_before: float
    loss_after: float


@dataclass(frozen=True)
class Judged:
    """What the open model is worth after a training."""

    verdict: Verdict


@dataclass(frozen=True)
class Explained:
    """The model's way from context to distribution, step by step."""

    next: NextToken
    steps: tuple[Explanation, ...]


@dataclass(frozen=True)
class Analyzed:
    """Exact figures of the model, with the keys of `analysis.analyze`."""

    figures: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """Something to be read."""

    text: str


@dataclass(frozen=True)
class Refused:
    """The line was wrong: one sentence."""

    text: str


@dataclass(frozen=True)
class Left:
    """The session is over."""


Event = (
    Distribution
    | Comparison
    | Sampled
    | Completed
    | Names
    | Best
    | Tree
    | Scored
    | WorkedOut
    | Stepped
    | Mapped
    | Tabled
    | Nearby
    | Learnt
    | Retrained
    | Judged
    | Explained
    | Analyzed
    | Told
    | Refused
    | Left
)
