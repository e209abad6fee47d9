"""What a user asks for when a model is to be opened, and the checkpoint that is chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tokgen.corpus.corpus import Corpus
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.training.checkpoint import Checkpoint

SHIPPED = "shipped"
KEPT = "kept"


@dataclass(frozen=True)
class ModelRequest:
    """What a user asks for.

    `corpus`: None where none is named; beside a checkpoint it is the one that the model speaks of,
    and `where` chooses of its rows. `checkpoint`: a file, "shipped", "shipped:NAME", "kept:NAME"
    (as `tokgen models list` tells it), or None to choose. `column`: of a corpus that is a table in
    a file, the column that holds the documents. `given`: what the model is told, column -> value;
    where it is a mapping, even an empty one, only a model that can be told columns is chosen.
    """

    corpus: str | None = None
    model: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: str | None = None
    column: str | None = None
    given: Mapping[str, str] | None = None

    @property
    def corpus_or_default(self) -> str:
        """The corpus that is named; the default one where none is."""
        return DEFAULT_CORPUS if self.corpus is None else self.corpus


@dataclass(frozen=True)
class ChosenCheckpoint:
    """The checkpoint, in words which one it is, and the corpus that was named or chosen with it.

    Attributes:
        worth: what its training was worth; None where it was not trained just now.
    """

    checkpoint: Checkpoint
    said: str
    corpus: Corpus | None = None
    worth: str | None = None
