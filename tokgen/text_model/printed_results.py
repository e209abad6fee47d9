"""What `print` shows of results: the tables of a notebook as lines of text, made inert."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Ints
from tokgen.errors import counted
from tokgen.percentages import percent
from tokgen.text_model import captions
from tokgen.text_model.explanation_cells import cells_of, titled
from tokgen.unicode import inert, shown_symbol, shown_symbols

if TYPE_CHECKING:
    from tokgen.text_model.classification import Classified, ValueProbability
    from tokgen.text_model.cross_entropy import CrossEntropy
    from tokgen.text_model.explained import Explained
    from tokgen.text_model.gradient_step import TakenStep
    from tokgen.text_model.results import NextToken, Score
    from tokgen.text_model.tree import TreeNode

ROWS, ROWS_IN_A_LINE = 10, 3
GAP = "  "
# Categories of Unicode: marks on the character before; and of East Asian widths: two columns.
WITHOUT_WIDTH, WIDE = {"Mn", "Me", "Cf"}, {"W", "F"}

Row = Sequence[str]


def printed_distribution(shown: NextToken, order: Ints) -> str:
    """The likeliest tokens with the model's probability and that after each sampler.

    `order`: token ids, as they are listed; the first `ROWS` are shown, the rest is summed.
    """
    columns = [np.exp(logprobs) for logprobs in (shown.logprobs, *shown.stages)]
    heads = ["token", "model", *map(inert, shown.labels)]
    rows = [
        [shown_symbol(shown.symbols[token]), *_figures([each[token] for each in columns])]
        for token in order[:ROWS].tolist()
    ]
    if len(left := order[ROWS:]):
        more = f"… {counted(len(left), 'more token')}"
        rows.append([more, *_figures([each[left].sum() for each in columns])])
    bits = shown.entropy / math.log(2)
    seen = shown_symbols(shown.context) or "no context"
    said = (
        f"{_after(shown.prefix)}: the model sees {seen}; "
        f"entropy {bits:.2f} bits{' under the chain' if shown.labels else ''}"
    )
    return _table(said, [heads, *rows])


def named_distribution(shown: NextToken, order: Ints) -> str:
    """The same in some words: the likeliest tokens of what is drawn from."""
    tokens = order[:ROWS_IN_A_LINE].tolist()
    likeliest = [
        f"{shown_symbol(shown.symbols[each])} {percent(shown.probs[each])}" for each in tokens
    ]
    more = ", …" if len(order) > len(tokens) else ""
    return f"<NextToken {_after(shown.prefix)}: {', '.join(likeliest)}{more}>"


def printed_score(score: Score) -> str:
    """A row for each token with its surprisal in bits."""
    bits = [abs(logprob) / math.log(2) for logprob in score.logprobs]
    said = (
        f"{inert(repr(score.text))}: surprisal of each token in bits; "
        f"log₂ p {-sum(bits):.2f}, {sum(bits) / len(bits):.2f} bits per token"
    )
    surprisals = zip(map(shown_symbol, score.tokens), (f"{each:.1f}" for each in bits), strict=True)
    return _table(said, [["token", "bits"], *surprisals])


def printed_tree(root: TreeNode) -> str:
    """A line for each node, indented below its parent."""
    said = f"{_after(root.text)}: each token's probability after its prefix; of the whole path"
    return "\n".join([said, *_branches(root, GAP)])


def _branches(node: TreeNode, indent: str) -> Iterator[str]:
    for child in node.children:
        shares = f"{percent(child.prob)}; {percent(child.path_prob)}"
        yield f"{indent}{shown_symbol(child.token)}{GAP}{shares}"
        yield from _branches(child, indent + GAP)
    if node.left_out:
        left = node.left_out_prob
        more = f"… {counted(node.left_out, 'more token')}"
        yield f"{indent}{more}{GAP}{percent(left)}; {percent(left * node.path_prob)}"


def printed_cross_entropy(worked: CrossEntropy) -> str:
    """A row for each target: what the model sees, its probability, what it costs."""
    scored = zip(
        worked.contexts, worked.score.tokens, worked.score.logprobs, worked.losses, strict=True
    )
    rows = [
        [
            shown_symbols("".join(context)),
            shown_symbol(target),
            percent(math.exp(logprob)),
            f"{loss:.4f}",
        ]
        for context, target, logprob, loss in scored
    ]
    said = captions.of_cross_entropy(worked, _quoted)
    return _table(said, [["the model sees", "target", "p", "−ln p, nats"], *rows])


def printed_step(taken: TakenStep) -> str:
    """The target and the likeliest other tokens: before the step, the gradient, after it."""
    before, after, symbols = taken.before.probs, taken.after.probs, taken.before.symbols
    others = [token for token in (-before).argsort(kind="stable").tolist() if token != taken.target]
    order = np.array([taken.target, *others])
    rows = [
        [
            shown_symbol(symbols[token]) + (" (target)" if token == taken.target else ""),
            percent(before[token]),
            f"{taken.gradient[token]:+.3f}",
            percent(after[token]),
        ]
        for token in order[:ROWS].tolist()
    ]
    if len(left := order[ROWS:]):
        more = f"… {counted(len(left), 'more token')}"
        rows.append([more, percent(before[left].sum()), "", percent(after[left].sum())])
    said = captions.of_step(taken, symbol_or_text)
    return _table(said, [["token", "before", "p − y", "after"], *rows])


def printed_explained(found: Explained) -> str:
    """A table for each step, below its name and the shape of its figures."""
    lines = [f"{_after(found.next.prefix)}: {captions.of_explained(found, symbol_or_text)}"]
    for step in found:
        cells = cells_of(step, found.next)
        table = _table(titled(step), cells, words=1 if step.rows else 0)
        lines += [f"{GAP}{line}" for line in table.split("\n")]
    return "\n".join(lines)


def symbol_or_text(text: str) -> str:
    """A symbol or a text that stands by itself, never without a shape."""
    return shown_symbol(text) if len(text) == 1 else shown_symbols(text)


def _quoted(text: str) -> str:
    return inert(repr(text))


def printed_classified(found: Classified) -> str:
    """The likeliest values of each column beside their share of the training documents."""
    said = captions.of_classified(found, _quoted)
    rows = [row for name, values in found.columns.items() for row in _values(name, values)]
    return _table(said, [["column", "value", "p", "share alone"], *rows], words=2)


def _values(name: str, values: Sequence[ValueProbability]) -> Iterator[Row]:
    for number, each in enumerate(values[:ROWS]):
        value = inert(each.value) or "(no value)"
        yield ["" if number else inert(name), value, percent(each.prob), percent(each.share)]
    if left := values[ROWS:]:
        prob, share = math.fsum(each.prob for each in left), math.fsum(each.share for each in left)
        yield ["", f"… {counted(len(left), 'more value')}", percent(prob), percent(share)]


def _figures(probabilities: Sequence[float]) -> list[str]:
    """The model's probability, then those after it: `removed` is what a sampler took away."""
    first = probabilities[0]
    return ["removed" if each == 0 < first else percent(each) for each in probabilities]


def _after(prefix: str) -> str:
    return f"after {_quoted(prefix)}" if prefix else "at the beginning"


def _table(said: str, rows: Sequence[Row], words: int = 1) -> str:
    """Rows below a sentence; the first `words` columns begin below each other, the others end."""
    wide = [max(map(_width, column)) for column in zip(*rows, strict=True)]

    def padded(number: int, cell: str) -> str:
        space = " " * (wide[number] - _width(cell))
        return cell + space if number < words else space + cell

    lines = [GAP.join(padded(*each) for each in enumerate(row)).rstrip() for row in rows]
    return "\n".join([said, *(f"{GAP}{line}" for line in lines)])


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    signs = [each for each in text if unicodedata.category(each) not in WITHOUT_WIDTH]
    return len(signs) + sum(unicodedata.east_asian_width(each) in WIDE for each in signs)
