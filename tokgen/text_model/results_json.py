"""Results as JSON objects: the command line, the session and a server write the same keys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tokgen.arrays import Floats
from tokgen.plugin_api.model import Explanation
from tokgen.text_model.results import Generated, NextToken, Ranked, Score, ranked
from tokgen.text_model.tree import TreeNode


def next_as_json(distribution: NextToken, temperature: float) -> dict[str, Any]:
    """One `next --json` object: the distribution that is drawn from, most probable first."""
    entry = {
        "prefix": distribution.prefix,
        "ids": list(distribution.ids),
        "rest": distribution.rest_text,
        "context": distribution.context,
        "temperature": temperature,
        "entropy_bits": distribution.entropy / math.log(2),
        "next": tokens_as_json(distribution.final_logprobs, distribution.symbols),
        **told_as_json(distribution.given),
    }
    if distribution.stages:
        entry["model"] = tokens_as_json(distribution.logprobs, distribution.symbols)
        entry["stages"] = [
            {"sampler": label, "next": tokens_as_json(stage, distribution.symbols)}
            for label, stage in zip(distribution.labels, distribution.stages, strict=True)
        ]
    return entry


def tokens_as_json(logprobs: Floats, symbols: Sequence[str]) -> list[dict[str, Any]]:
    """Each token with its probability and log-probability (nats), most probable first."""
    return [
        {
            "token": symbols[token],
            "prob": math.exp(logprobs[token]),
            "logprob": float(logprobs[token]),
        }
        for token in ranked(logprobs).tolist()
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
    return {"rank": rank, **asdict(document)}


def explanation_as_json(step: Explanation) -> dict[str, Any]:
    """One step of an explanation."""
    return {"name": step.name, "rows": step.rows, "values": step.values.tolist()}


def tree_as_json(node: TreeNode) -> dict[str, Any]:
    """A node with its children."""
    return {
        "token": node.token,
        "ids": list(node.ids),
        "text": node.text,
        "prob": node.prob,
        "path_prob": node.path_prob,
        "ended": node.ended,
        "children": [tree_as_json(child) for child in node.children],
    }
