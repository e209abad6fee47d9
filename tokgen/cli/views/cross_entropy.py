"""The cross-entropy of documents as a table of windows, and what it is the mean of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokgen.cli.views.borders import shown_row
from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures
from tokgen.text_model.cross_entropy import CrossEntropy
from tokgen.training.evaluation import Evaluation
from tokgen.unicode import shown_symbol
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text


def worked_out(document: CrossEntropy, unit: Unit = Unit.nats) -> RenderableType:
    """A row for each target, then the sum and the mean."""
    from rich.console import Group

    contexts = [shown_row(each, document.symbols) for each in document.contexts]
    targets = document.score.tokens
    probs = [f"{100 * math.exp(each):.2f} %" for each in document.score.logprobs]
    table = Table(
        [
            Column([str(number) for number in range(1, len(targets) + 1)], is_key=True),
            Column(contexts, "context", least=LEAST_TEXT),
            Column(["→"] * len(targets)),
            Column([*map(shown_symbol, targets)], "target"),
            figures(probs, "p"),
            figures([f"{unit.of(each):.4f}" for each in document.losses], f"−{unit.log} p"),
        ]
    )
    count = len(targets)
    total = f"{unit.of(document.total):.4f}"
    mean = (
        f"The sum is {total} {unit}; {total} / {count} = "
        f"{unit.of(document.mean):.4f} {unit} per token."
    )
    return Group(table, _told(mean))


def mean_of_all(documents: Sequence[CrossEntropy], unit: Unit) -> RenderableType:
    """The mean over the tokens of several documents."""
    total = unit.of(math.fsum(each.total for each in documents))
    count = sum(len(each.losses) for each in documents)
    return _told(
        f"All {len(documents)} documents: {total:.4f} / {count} = "
        f"{total / count:.4f} {unit} per token."
    )


def mean_of_split(result: Evaluation, unit: Unit) -> RenderableType:
    """The mean over the tokens of documents that are not shown."""
    return _told(
        f"The mean of −{unit.log} p over {result.tokens:,} tokens is "
        f"{unit.of(result.nll):.4f} {unit} per token."
    )


def guessing(uniform: float, unit: Unit = Unit.nats) -> RenderableType:
    """What a model costs that knows nothing."""
    count = f"{round(math.exp(uniform)):,}"
    return _told(
        f"Guessing evenly among {count} tokens costs {unit.log} {count} = "
        f"{unit.of(uniform):.4f} {unit} each."
    )


def _told(sentence: str) -> Text:
    from rich.text import Text

    return Text(sentence, "cyan")
