"""FoundPlugin: a plugin as it is known before anything of it is imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["tokenizers", "models", "samplers", "corpora", "commands"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def singular(kind: Kind) -> str:
    """What one plugin of a kind is called."""
    return "corpus" if kind == "corpora" else kind.removesuffix("s")


@dataclass(frozen=True, order=True)
class FoundPlugin:
    """A plugin before loading: what is known of it without importing it.

    Attributes:
        distribution: the distribution that has it, or the name of the file.
        version: the distribution's; empty for a file.
        reference: `module:attribute`.
        file: the path of the file that it was added from; empty for what is installed.
    """

    kind: Kind
    name: str
    distribution: str
    version: str
    reference: str
    file: str = ""

    @property
    def owner(self) -> str:
        """`tokgen-gru 0.3`, or `the file gru.py`: who had it, for a checkpoint."""
        if self.file:
            return f"the file {Path(self.file).name}"
        return f"{self.distribution} {self.version}"

    @property
    def shown_reference(self) -> str:
        """`module:attribute`, or `gru.py:GRU` of a file, whose module has a name made up for it."""
        _, _, attribute = self.reference.partition(":")
        return f"{Path(self.file).name}:{attribute}" if self.file else self.reference

    @property
    def display_name(self) -> str:
        """`model 'gru' of the distribution tokgen-gru 0.3`, for messages."""
        owner = self.owner if self.file else f"the distribution {self.owner}"
        return f"{singular(self.kind)} {self.name!r} of {owner}"
