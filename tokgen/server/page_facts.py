"""What the page has to know before it asks: the models, their tokens, the samplers there are."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from tokgen import registry
from tokgen.corpus.once import called
from tokgen.errors import TokgenError
from tokgen.server.served_model import ServedModel
from tokgen.server.shelf import Shelf

LEAST, MOST = ("ge", "gt"), ("le", "lt")


def facts(shelf: Shelf, served: ServedModel) -> dict[str, Any]:
    """Of one model of the shelf, with what is the same for all of them."""
    tokenizer = served.text_model.tokenizer
    vocabulary = served.text_model.model.vocabulary
    return {
        "model": shelf.name_of(served),
        "models": shelf.names,
        "family": served.text_model.metadata.model.name,
        "corpus": called(served.text_model.metadata.corpus.name),
        "symbols": list(tokenizer.symbols),
        "end_id": tokenizer.terminator_id,
        "columns": {name: list(values) for name, values in vocabulary.columns.items()},
        "given": dict(served.text_model.given),
        "samplers": list(samplers()),
    }


def samplers() -> Iterator[dict[str, Any]]:
    """Every sampler that can be used, what it does, and its options."""
    for name in registry.names("samplers"):
        try:
            sampler = registry.load_sampler(name)
        except TokgenError:
            continue  # Whoever names it is told what is wrong with it.
        said = (inspect.getdoc(sampler) or "").partition("\n")[0]
        fields = sampler.Options.model_fields.items()
        yield {"name": name, "said": said, "options": [_option(*each) for each in fields]}


def _option(name: str, field: FieldInfo) -> dict[str, Any]:
    kind = field.annotation
    return {
        "name": name,
        "kind": kind.__name__ if kind in (int, float, bool) else "other",
        "least": bound(field, LEAST),
        "most": bound(field, MOST),
        "default": None if field.is_required() else field.default,
        "said": field.description or "",
    }


def bound(field: FieldInfo, names: tuple[str, ...]) -> float | None:
    """The first bound of these names that a field declares."""
    found = (getattr(each, name, None) for each in field.metadata for name in names)
    return next((each for each in found if isinstance(each, int | float)), None)
