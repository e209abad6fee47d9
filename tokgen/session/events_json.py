"""A session's events as JSON objects, for `tokgen repl --json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tokgen.session.events import Analyzed, Comparison, Distribution, Event, Explained, Scored
from tokgen.text_model.results_json import next_as_json, score_as_json, tokens_as_json


def event_as_json(event: Event) -> dict[str, Any]:
    """One object; a distribution has the keys of `next --json`."""
    return {"event": type(event).__name__.lower(), **_fields(event)}


def _fields(event: Event) -> dict[str, Any]:
    if isinstance(event, Distribution):
        return next_as_json(event.next, event.temperature)
    if isinstance(event, Comparison):
        pairs = zip(event.titles, event.distributions, strict=True)
        columns = [
            {"title": title, "next": tokens_as_json(each.final_logprobs, each.symbols)}
            for title, each in pairs
        ]
        return {"prefix": event.distributions[0].prefix, "columns": columns, "note": event.note}
    if isinstance(event, Scored):
        return score_as_json(event.score)
    if isinstance(event, Explained):
        steps = [
            {"name": step.name, "rows": step.rows, "values": step.values.tolist()}
            for step in event.steps
        ]
        return {"context": event.context, "steps": steps}
    if isinstance(event, Analyzed):
        return event.figures
    return asdict(event)
