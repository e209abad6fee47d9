"""Titles of pictures: the prefix, the model, and the chain that made what is drawn."""

from __future__ import annotations

from tokgen.generation.sampler_chain import SamplerChain
from tokgen.text_model.text_model import TextModel
from tokgen.unicode import inert

BEGINNING = "at the beginning"


def title_of(text_model: TextModel, prefix: str, chain: SamplerChain | None = None) -> str:
    """`after 'abi' · mlp · top_k k=4 → temperature t=2`."""
    where = f"after {prefix!r}" if prefix else BEGINNING
    labels = [each.label for each in chain.samplers] if chain is not None else []
    parts = [where, text_model.metadata.model.name, *[" → ".join(labels)][: bool(labels)]]
    return inert(" · ".join(parts))
