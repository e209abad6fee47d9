"""What notebooks show of a distribution, a score and a generation tree: HTML without a script.

Every text is escaped, colours are taken from the page or chosen to be told apart on a light and a
dark one, and each figure stands beside its bar.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Floats
from tokgen.errors import counted
from tokgen.percentages import percent
from tokgen.unicode import inert, shown_symbol, shown_symbols

if TYPE_CHECKING:
    from tokgen.text_model.results import NextToken, Score
    from tokgen.text_model.tree import TreeNode

ROWS = 10
BAR = 8.0  # em, of a probability of one
# From this surprisal on a token has the full colour: one in a thousand.
FULL_COLOUR = 10.0


def html_of_distribution(shown: NextToken, order: Sequence[int]) -> str:
    """The likeliest tokens with the model's probability and that after each sampler.

    `order`: token ids, as they are listed; the first `ROWS` are shown, the rest is summed.
    """
    columns = [("model", shown.logprobs), *zip(shown.labels, shown.stages, strict=True)]
    seen = escape(shown_symbols(shown.context)) or "no context"
    bits = shown.entropy / math.log(2)
    caption = (
        f"after {_prefix(shown.prefix)}: the model sees <code>{seen}</code>; "
        f"entropy {bits:.2f} bits{' under the chain' if shown.labels else ''}"
    )
    heads = "".join(cell(escape(inert(label)), "th") for label, _ in columns)
    body = "".join(_row(shown.symbols[token], token, columns) for token in order[:ROWS])
    left = "".join(cell(figure(_mass(row, order[ROWS:]))) for _, row in columns)
    more = len(order) - ROWS
    rest = f"<tr>{cell('… ' + counted(more, 'more token'))}{left}</tr>" if more > 0 else ""
    return table(f"<tr>{cell('token', 'th')}{heads}</tr>{body}{rest}", caption)


def html_of_score(score: Score) -> str:
    """Each token over its surprisal in bits, the more colour the more surprising."""
    bits = [-logprob / math.log(2) for logprob in score.logprobs]
    tokens = "".join(
        f'<td style="text-align:center;padding:0.2em 0.5em;background:{_colour(each)}">'
        f"{escape(shown_symbol(token))}</td>"
        for token, each in zip(score.tokens, bits, strict=True)
    )
    under = "".join(f'<td style="text-align:center">{each:.1f}</td>' for each in bits)
    caption = (
        f"<code>{escape(inert(score.text))}</code>: surprisal of each token in bits; "
        f"log₂ p {-sum(bits):.2f}, {sum(bits) / len(bits):.2f} bits per token"
    )
    return table(f"<tr>{tokens}</tr><tr>{under}</tr>", caption)


def html_of_tree(root: TreeNode) -> str:
    """Nested lists that unfold; two probabilities a node: after its prefix, and of the path."""
    title = (
        f"after {_prefix(root.text)}: each token's probability after its prefix; of the whole path"
    )
    return f"<div>{title}{_branches(root)}</div>"


def _branches(node: TreeNode) -> str:
    if not node.children:
        return ""
    items = "".join(f"<li>{_node(child)}</li>" for child in node.children)
    left = node.left_out_prob
    if node.left_out:
        said = f"{node.left_out} more: {percent(left)}; {percent(left * node.path_prob)}"
        items += f"<li>{said}</li>"
    return f"<ul>{items}</ul>"


def _node(node: TreeNode) -> str:
    said = (
        f"<b>{escape(shown_symbol(node.token))}</b> {percent(node.prob)}; {percent(node.path_prob)}"
    )
    below = _branches(node)
    return f"<details open><summary>{said}</summary>{below}</details>" if below else said


def _prefix(text: str) -> str:
    """What stands before, with a cursor behind it."""
    return f'<code style="border-right:2px solid">{escape(inert(text))}</code>'


def _row(symbol: str, token: int, columns: Sequence[tuple[str, Floats]]) -> str:
    probabilities = [math.exp(row[token]) for _, row in columns]
    cells = ["removed" if each == 0 < probabilities[0] else bar(each) for each in probabilities]
    key = f"<code>{escape(shown_symbol(symbol))}</code>"
    return f"<tr>{''.join(map(cell, [key, *cells]))}</tr>"


def bar(probability: float) -> str:
    """A percentage with a bar beside it."""
    drawn = f"display:inline-block;height:0.8em;width:{BAR * probability:.2f}em;background:#0072b2"
    return f'{figure(probability)} <span style="{drawn}"></span>'


def figure(probability: float) -> str:
    """A percentage that ends where those above and below it end."""
    style = "display:inline-block;width:4em;text-align:right"
    return f'<span style="{style}">{percent(probability)}</span>'


def _mass(row: Floats, tokens: Sequence[int]) -> float:
    return float(np.exp(row[list(tokens)]).sum())


def _colour(bits: float) -> str:
    return f"rgba(213,94,0,{min(bits / FULL_COLOUR, 1.0):.2f})"


def cell(content: str, kind: str = "td") -> str:
    """A cell of a table, or of its head."""
    return f'<{kind} style="text-align:left">{content}</{kind}>'


def table(rows: str, caption: str) -> str:
    """A table under a line that says what it is."""
    style = "caption-side:top;text-align:left;white-space:nowrap"
    return f'<table><caption style="{style}">{caption}</caption>{rows}</table>'
