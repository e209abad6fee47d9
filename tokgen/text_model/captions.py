"""The sentence above a loss, a step, a classification or an explanation, wherever it is shown.

`show` makes a text or a symbol fit the place: as code in HTML, inert in lines of text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tokgen.errors import counted

if TYPE_CHECKING:
    from tokgen.text_model.classification import Classified
    from tokgen.text_model.cross_entropy import CrossEntropy
    from tokgen.text_model.explained import Explained
    from tokgen.text_model.gradient_step import TakenStep

Show = Callable[[str], str]


def of_cross_entropy(worked: CrossEntropy, show: Show) -> str:
    """The sum, the mean, and what guessing costs."""
    return (
        f"{show(worked.score.text)}: {worked.total:.4f} / {len(worked.losses)} = "
        f"{worked.mean:.4f} nats per token; guessing evenly costs {worked.uniform:.4f} nats each"
    )


def of_step(taken: TakenStep, show: Show) -> str:
    """What the step was about, and how it changed the loss."""
    first, then = taken.losses
    return (
        f"the model sees {show(taken.before.context)}, the target is "
        f"{show(taken.before.symbols[taken.target])}: −ln p {first:.4f} nats before a step of "
        f"{taken.learning_rate:g} · gradient, {then:.4f} after it"
    )


def of_classified(found: Classified, show: Show) -> str:
    """The text and its log-probability."""
    return f"{show(found.text)}: ln p {found.logprob:.3f} over all values"


def of_explained(found: Explained, show: Show) -> str:
    """What the model sees, and how many steps are shown below."""
    seen = show(found.next.context) if found.next.context else "no context"
    return f"the model sees {seen}; it comes to its distribution in {counted(len(found), 'step')}"
