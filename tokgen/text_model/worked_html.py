"""What notebooks show of a loss, a step, a classification, an explanation and a document: tables.

They are made as those of `results_html` are: without a script, each text escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from tokgen.errors import counted
from tokgen.percentages import percent
from tokgen.text_model import captions
from tokgen.text_model.explanation_cells import cells_of, titled
from tokgen.text_model.printed_results import symbol_or_text
from tokgen.text_model.results_html import ROWS, bar, cell, figure, table
from tokgen.unicode import inert

if TYPE_CHECKING:
    from tokgen.plugin_api.explanation import Explanation
    from tokgen.text_model.classification import Classified, ValueProbability
    from tokgen.text_model.cross_entropy import CrossEntropy
    from tokgen.text_model.explained import Explained
    from tokgen.text_model.gradient_step import TakenStep
    from tokgen.text_model.results import Generated, NextToken


def html_of_generated(document: Generated) -> str:
    """The text with its log-probabilities, and why it ended."""
    heads, cells = ["document", "ln p"], [_code(document.text), f"{document.logprob:.3f}"]
    if document.logprob_drawn is not None:
        heads.append("ln p as drawn")
        cells.append(f"{document.logprob_drawn:.3f}")
    ended = "ended by itself" if document.finished else "cut at the length limit"
    return table(_row(heads, "th") + _row([*cells, ended]), "a document that was drawn")


def html_of_cross_entropy(worked: CrossEntropy) -> str:
    """A row for each target: what the model sees, its probability, what it costs."""
    scored = zip(
        worked.contexts, worked.score.tokens, worked.score.logprobs, worked.losses, strict=True
    )
    rows = [
        _row([_code("".join(context)), _code(target), percent(math.exp(logprob)), f"{loss:.4f}"])
        for context, target, logprob, loss in scored
    ]
    said = captions.of_cross_entropy(worked, _code)
    return table(_row(["the model sees", "target", "p", "−ln p, nats"], "th") + "".join(rows), said)


def html_of_taken_step(taken: TakenStep) -> str:
    """The target and the likeliest other tokens: before the step, the gradient, after it."""
    before, symbols = taken.before.probs, taken.before.symbols
    others = [token for token in (-before).argsort(kind="stable").tolist() if token != taken.target]
    order = [taken.target, *others]
    rows = [
        _row(
            [
                _code(symbols[token]) + (" (target)" if token == taken.target else ""),
                bar(float(before[token])),
                f"{taken.gradient[token]:+.3f}",
                bar(float(taken.after.probs[token])),
            ]
        )
        for token in order[:ROWS]
    ]
    if left := order[ROWS:]:
        sums = [float(probs[left].sum()) for probs in (before, taken.after.probs)]
        more = f"… {counted(len(left), 'more token')}"
        rows.append(_row([more, figure(sums[0]), "", figure(sums[1])]))
    said = captions.of_step(taken, _code)
    return table(_row(["token", "before", "p − y", "after"], "th") + "".join(rows), said)


def html_of_classified(found: Classified) -> str:
    """The likeliest values of each column beside their share of the training documents."""
    rows = [row for name, values in found.columns.items() for row in _values(name, values)]
    heads = ["column", "value", "p", "share alone"]
    said = captions.of_classified(found, _code)
    return table(_row(heads, "th") + "".join(rows), said)


def _values(name: str, values: Sequence[ValueProbability]) -> Iterator[str]:
    for number, each in enumerate(values[:ROWS]):
        column = escape(inert(name)) if number == 0 else ""
        value = escape(inert(each.value)) or "(no value)"
        yield _row([column, value, bar(each.prob), figure(each.share)])
    if left := values[ROWS:]:
        prob, share = math.fsum(each.prob for each in left), math.fsum(each.share for each in left)
        yield _row(["", f"… {counted(len(left), 'more value')}", figure(prob), figure(share)])


def html_of_explained(found: Explained) -> str:
    """A table for each step, below its name and the shape of its figures."""
    tables = "".join(table(_rows_of(step, found.next), escape(titled(step))) for step in found)
    prefix = found.next.prefix
    place = f"after {_code(prefix)}" if prefix else "at the beginning"
    return f"<div>{place}: {captions.of_explained(found, _code)}</div>{tables}"


def _rows_of(step: Explanation, shown: NextToken) -> str:
    heads, rows = int(bool(step.columns)), [[*map(escape, row)] for row in cells_of(step, shown)]
    return "".join([*(_row(each, "th") for each in rows[:heads]), *map(_row, rows[heads:])])


def _code(text: str) -> str:
    return f"<code>{escape(inert(symbol_or_text(text)))}</code>"


def _row(cells: Sequence[str], kind: str = "td") -> str:
    return f"<tr>{''.join(cell(each, kind) for each in cells)}</tr>"
