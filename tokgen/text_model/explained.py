"""The steps by which a model comes to one distribution, with that distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from tokgen.errors import counted
from tokgen.plugin_api.explanation import Explanation
from tokgen.text_model.results import NextToken


@dataclass(frozen=True, eq=False)
class Explained(Sequence[Explanation]):
    """The steps from a context to the distribution, a sequence of `Explanation`.

    Attributes:
        next: the distribution that the last step gives.
        steps: what the model computes, the first step first.
    """

    next: NextToken
    steps: tuple[Explanation, ...]

    def __len__(self) -> int:
        return len(self.steps)

    @overload
    def __getitem__(self, place: int) -> Explanation: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Explanation, ...]: ...
    def __getitem__(self, place: int | slice) -> Explanation | tuple[Explanation, ...]:
        return self.steps[place]

    def __str__(self) -> str:
        """What `print` shows."""
        from tokgen.text_model.printed_results import printed_explained

        return printed_explained(self)

    def __repr__(self) -> str:
        return f"<Explained: {counted(len(self.steps), 'step')} to {self.next!r}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.worked_html import html_of_explained

        return html_of_explained(self)
