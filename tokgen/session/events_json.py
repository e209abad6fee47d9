"""A session's events as JSON objects; results have the keys that the commands give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tokgen.session.comparison import Compared, Comparison
from tokgen.session.events import (
    Analyzed,
    Best,
    Distribution,
    Event,
    Explained,
    Judged,
    Learnt,
    Mapped,
    Names,
    Nearby,
    Scored,
    Stepped,
    Tabled,
    Tree,
    WorkedOut,
)
from tokgen.text_model.results_json import (
    Listing,
    cross_entropy_as_json,
    embeddings_as_json,
    explanation_as_json,
    generated_as_json,
    next_as_json,
    ranked_as_json,
    score_as_json,
    similar_as_json,
    taken_step_as_json,
    tree_as_json,
)


def event_as_json(event: Event) -> dict[str, Any]:
    """One object: the kind of event under `event`, then what it tells."""
    return {"event": type(event).__name__.lower(), **_fields(event)}


def _fields(event: Event) -> dict[str, Any]:
    match event:
        case Distribution():
            shown = {"sort": event.sort, "rows": event.rows}
            listing = Listing(event.sort == "alphabet")
            return {**next_as_json(event.next, event.temperature, listing), **shown}
        case Comparison():
            listing = Listing(event.sort == "alphabet")
            columns = [_compared(column, listing) for column in event.columns]
            shown = {"sort": event.sort, "rows": event.rows}
            prefix = columns[0]["prefix"]
            return {"prefix": prefix, "columns": columns, "note": event.note, **shown}
        case Names():
            pairs = zip(event.documents, event.novel, strict=True)
            return {"documents": [generated_as_json(*pair) for pair in pairs]}
        case Best():
            ranks = enumerate(event.documents, start=event.first)
            return {"documents": [ranked_as_json(*pair) for pair in ranks]}
        case Tree():
            root = _numbered(tree_as_json(event.root), event.numbers)
            return {"root": root, "numbers": _numbers_by_text(root, {})}
        case Scored():
            return score_as_json(event.score)
        case WorkedOut():
            return cross_entropy_as_json(event.document)
        case Stepped():
            return taken_step_as_json(event.step)
        case Mapped():
            return {"tokens": embeddings_as_json(event.space, event.map), "better": event.better}
        case Tabled():
            return {"tokens": embeddings_as_json(event.space, event.space.map())}
        case Nearby():
            return similar_as_json(event.similar)
        case Learnt():
            losses = [{"step": each.step, "loss": each.loss} for each in event.history]
            return {"losses": losses, "uniform": event.beside.uniform}
        case Judged():
            verdict = event.verdict
            return {
                "documents": verdict.documents,
                "loss": verdict.loss,
                "error": verdict.error,
                "guessing": verdict.guessing,
                "baseline": verdict.baseline,
                "text": " ".join(verdict.sentences()),
            }
        case Explained():
            steps = [explanation_as_json(step) for step in event.steps]
            return {"context": event.next.context, "steps": steps}
        case Analyzed():
            return event.figures
        case _:
            return asdict(event)


def _compared(column: Compared, listing: Listing) -> dict[str, Any]:
    shown = next_as_json(column.next, column.temperature, listing)
    return {**shown, "model_name": column.model_name}


def _numbered(node: dict[str, Any], numbers: Mapping[tuple[int, ...], int]) -> dict[str, Any]:
    """A node of a tree as JSON with the numbers under which one can go to it and those below."""
    children = [_numbered(child, numbers) for child in node["children"]]
    return {**node, "number": numbers.get(tuple(node["ids"])), "children": children}


def _numbers_by_text(node: dict[str, Any], found: dict[str, int]) -> dict[str, int]:
    """The numbers in the tree by text; of nodes with the same text the first."""
    for child in node["children"]:
        if child["number"] is not None:
            found.setdefault(child["text"], child["number"])
        _numbers_by_text(child, found)
    return found
