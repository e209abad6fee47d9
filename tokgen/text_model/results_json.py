"""Results as JSON objects: the command line, the session and a server write the same keys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tokgen.arrays import Floats
from tokgen.plugin_api.explanation import Explanation
from tokgen.text_model.classification import Classified
from tokgen.text_model.cross_entropy import CrossEntropy
from tokgen.text_model.embedding_map import EmbeddingMap
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.embeddings import Similar
from tokgen.text_model.gradient_step import TakenStep
from tokgen.text_model.results import Generated, NextToken, Ranked, Score, ranked
from tokgen.text_model.tree import TreeNode


@dataclass(frozen=True)
class Listing:
    """In which order tokens are listed, and how many of the first (None: all)."""

    by_alphabet: bool = False
    rows: int | None = None

    def of(self, logprobs: Floats) -> list[int]:
        """The ids of the tokens that are listed of a distribution (V,)."""
        order = np.arange(len(logprobs)) if self.by_alphabet else ranked(logprobs)
        return order[: self.rows].tolist()


def next_as_json(
    distribution: NextToken, temperature: float, listing: Listing = Listing()
) -> dict[str, Any]:
    """One `next --json` object: the distribution that is drawn from, and how it came about."""
    symbols = distribution.symbols
    entry = {
        "prefix": distribution.prefix,
        "ids": list(distribution.ids),
        "rest": distribution.rest_text,
        "context": distribution.context,
        "temperature": temperature,
        "entropy_bits": distribution.entropy / math.log(2),
        "next": tokens_as_json(distribution.final_logprobs, symbols, listing),
        **told_as_json(distribution.given),
    }
    if distribution.stages:
        entry["model"] = tokens_as_json(distribution.logprobs, symbols, listing)
        entry["stages"] = [
            {"sampler": label, "next": tokens_as_json(stage, symbols, listing)}
            for label, stage in zip(distribution.labels, distribution.stages, strict=True)
        ]
    return entry


def tokens_as_json(
    logprobs: Floats, symbols: Sequence[str], listing: Listing = Listing()
) -> list[dict[str, Any]]:
    """The tokens that are listed, each with its probability and log-probability (nats)."""
    return [
        {
            "token": symbols[token],
            "prob": math.exp(logprobs[token]),
            "logprob": float(logprobs[token]),
        }
        for token in listing.of(logprobs)
    ]


def score_as_json(score: Score) -> dict[str, Any]:
    """One `score --json` object."""
    return {
        "text": score.text,
        "logprob": score.logprob,
        "tokens": list(score.tokens),
        "logprobs": list(score.logprobs),
        **told_as_json(score.given),
    }


def cross_entropy_as_json(document: CrossEntropy) -> dict[str, Any]:
    """One `loss --json` object: losses, their mean and that of guessing are in nats."""
    return {
        "text": document.score.text,
        "contexts": ["".join(each) for each in document.contexts],
        "targets": list(document.score.tokens),
        "probs": [math.exp(each) for each in document.score.logprobs],
        "losses": list(document.losses),
        "total": document.total,
        "mean": document.mean,
        "uniform": document.uniform,
        **told_as_json(document.score.given),
    }


def taken_step_as_json(step: TakenStep) -> dict[str, Any]:
    """One `step --json` object: losses in nats, tokens in the order of ids."""
    symbols = step.before.symbols
    # One at a time, as `next` does: many at once may be rounded otherwise.
    before, after = (map(math.exp, each.logprobs) for each in (step.before, step.after))
    probs = zip(symbols, before, step.gradient, after, strict=True)
    return {
        "context": step.before.context,
        "target": symbols[step.target],
        "learning_rate": step.learning_rate,
        "loss_before": step.losses[0],
        "loss_after": step.losses[1],
        "tokens": [
            {
                "token": symbol,
                "prob_before": prob_before,
                "logit_gradient": float(gradient),
                "prob_after": prob_after,
            }
            for symbol, prob_before, gradient, prob_after in probs
        ],
        "embedding_rows": [asdict(row) for row in step.moved],
        **told_as_json(step.before.given),
    }


def embeddings_as_json(space: EmbeddingSpace, shown: EmbeddingMap) -> list[dict[str, Any]]:
    """One `embeddings --json` object a token: its row, its place on the map, and where it began."""
    before = [None] * len(space.symbols) if shown.before is None else shown.before.tolist()
    places = zip(space.symbols, space.table, shown.points, before, strict=True)
    return [
        {"token": symbol, "embedding": row.tolist(), "map": point.tolist()}
        | ({} if began is None else {"map_before": began})
        for symbol, row, point, began in places
    ]


def similar_as_json(found: Similar) -> dict[str, Any]:
    """One object of `embeddings --json` with `--near` or `--analogy`."""
    pairs = [{"token": symbol, "cosine": value} for symbol, value in found.found]
    return {"asked": found.asked, "found": pairs}


def classified_as_json(document: Classified, rows: int | None = None) -> dict[str, Any]:
    """One `classify --json` object, with so many values of each column; None is all of them."""
    columns = {
        name: [asdict(each) for each in values[:rows]] for name, values in document.columns.items()
    }
    return {"text": document.text, "logprob": document.logprob, "columns": columns}


def told_as_json(given: Mapping[str, str]) -> dict[str, Any]:
    """What an object says of the columns that a model was told; nothing where it was told none."""
    return {"given": dict(given)} if given else {}


def generated_as_json(document: Generated, novel: bool | None) -> dict[str, Any]:
    """One object of `generate --format jsonl`; `novel` is None where nobody knows."""
    return {
        "text": document.text,
        "logprob": document.logprob,
        "logprob_drawn": document.logprob_drawn,
        "novel": novel,
        "finished": document.finished,
        "finish_reason": document.finish_reason,
    }


def ranked_as_json(rank: int, document: Ranked) -> dict[str, Any]:
    """One `top --json` object."""
    return {
        "rank": rank,
        "text": document.text,
        "logprob": document.logprob,
        "logprob_drawn": document.logprob_drawn,
    }


def explanation_as_json(step: Explanation) -> dict[str, Any]:
    """One step of an explanation; `columns` where they have names."""
    named = {"columns": step.columns} if step.columns else {}
    return {"name": step.name, "rows": step.rows, **named, "values": step.values.tolist()}


def tree_as_json(node: TreeNode) -> dict[str, Any]:
    """A node with its children."""
    return {
        "token": node.token,
        "ids": list(node.ids),
        "text": node.text,
        "prob": node.prob,
        "path_prob": node.path_prob,
        "ended": node.ended,
        "left_out": node.left_out,
        "left_out_prob": node.left_out_prob if node.left_out else 0.0,
        "children": [tree_as_json(child) for child in node.children],
    }
