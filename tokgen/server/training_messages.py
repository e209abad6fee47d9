"""What the server and the process of a training say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tokgen.arrays import Arrays
from tokgen.training.recipe import Recipe

# "show": send the weights after the next step.
Asked = Literal["show", "stop"]


@dataclass(frozen=True)
class Order:
    """A training that is to be done.

    Attributes:
        words: the content of the corpus; None where the recipe names one that is installed.
        plugin_files: files whose plugins the server knows.
        most_steps: also of those that a model takes by itself.
    """

    recipe: Recipe
    words: bytes | None
    plugin_files: tuple[str, ...]
    most_parameters: int
    most_steps: int
    memory: int


@dataclass(frozen=True)
class Refused:
    """It cannot begin: the sentence that says why; `failed` where a plugin is to blame."""

    sentence: str
    field: str | None
    failed: bool
    over_limit: bool = False


@dataclass(frozen=True)
class Begun:
    """What is known before the first step.

    Attributes:
        parameters: numbers that are learnt; None where the data decide.
        steps: at most; 0 where the model takes none.
        guessing: the loss of guessing evenly, nats per token.
        frequency: the loss of guessing by letter frequency, None where nothing is held out.
        ngram: the n-gram's loss on the documents that are held out; None where there is none.
        note: what the user should know before.
    """

    documents: int
    train: int
    validation: int
    symbols: tuple[str, ...]
    parameters: int | None
    steps: int
    guessing: float
    frequency: float | None
    ngram: float | None
    note: str | None


@dataclass(frozen=True)
class FirstWeights:
    """The model before its first step, as a checkpoint's content."""

    content: bytes


@dataclass(frozen=True, eq=False)
class Weights:
    """What the model would have learnt if the training ended now."""

    arrays: Arrays


@dataclass(frozen=True)
class Ended:
    """The training is over.

    Attributes:
        content: of the checkpoint; None where there is nothing to keep.
        said: what the training was worth, or which weights are kept.
    """

    state: Literal["done", "stopped", "failed"]
    content: bytes | None
    said: str


Message = Refused | Begun | FirstWeights | Weights | Ended
