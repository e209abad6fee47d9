"""What the page is answered: results with the keys of the command line's --json, and where it is.

Every answer follows from its body alone.
"""

from __future__ import annotations

from typing import Any

from tokgen.exact.conditions import Conditions
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.server.page_bodies import DrawBody, ExactBody, PlaceBody, StepBody, TopBody, TreeBody
from tokgen.server.places import Place, place_of
from tokgen.server.served_model import ServedModel
from tokgen.server.token_reports import rows_along
from tokgen.text_model.analysis import analyze
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.keywords import conditions_of
from tokgen.text_model.next_token import next_token
from tokgen.text_model.posterior import posterior
from tokgen.text_model.results import NextToken
from tokgen.text_model.results_json import (
    Listing,
    explanation_as_json,
    next_as_json,
    ranked_as_json,
    tokens_as_json,
    told_as_json,
    tree_as_json,
)
from tokgen.text_model.steps import one_step
from tokgen.text_model.tree import generation_tree

# Of each token that was read, so many of those that would have been likelier are told.
ALTERNATIVES = 6
# What is exactly known has to be known while a class waits.
EXACT_MEMORY = 64 << 20
BY_IDS = Listing(by_alphabet=True)

Json = dict[str, Any]


def step(served: ServedModel, body: StepBody) -> Json:
    """What may follow a place: `next --json` in the order of ids, and what the model sees."""
    chain = parse_chain(body.samplers)
    growth = place_of(served, body).growth(chain)
    tokenizer = served.text_model.tokenizer
    shown = _shown(next_token(tokenizer, growth), chain)
    return {**shown, "end_id": tokenizer.terminator_id}


def draw(served: ServedModel, body: DrawBody) -> Json:
    """A token that was drawn, the number that chose it and the interval in which that lies."""
    place = place_of(served, body)
    drawn = one_step(
        place.model.tokenizer, place.growth(parse_chain(body.samplers)), body.seed, body.sequence
    )
    low, high = drawn.interval
    return {
        "id": drawn.id,
        "token": drawn.token,
        "number": drawn.number,
        "from": low,
        "to": high,
        "logprob": drawn.logprob,
        "logprob_drawn": drawn.logprob_drawn,
    }


def path(served: ServedModel, body: PlaceBody) -> Json:
    """How probable each token was that has been read, and what was likelier instead."""
    place = place_of(served, body)
    tokenizer = place.model.tokenizer
    begun = len(place.model.model.vocabulary.beginning)
    ids = (*place.typed.beginning.ids[begun:], *place.drawn)
    along = rows_along(place.model.model, place.typed.beginning, ids)
    told = [
        {
            "id": token,
            "token": tokenizer.symbols[token],
            "logprob": float(row[token]),
            "likeliest": tokens_as_json(row, tokenizer.symbols, Listing(rows=ALTERNATIVES)),
        }
        for token, row in along
    ]
    return {"path": told, "start": len(ids) - len(place.drawn), **_ending(place, ids)}


def tree(served: ServedModel, body: TreeBody) -> Json:
    """The generation tree after a place, as `tree --json`."""
    place = place_of(served, body)
    growth = place.growth(parse_chain(body.samplers))
    root = generation_tree(place.model.tokenizer, growth, body.depth, body.width)
    return {**tree_as_json(root), **told_as_json(place.model.given)}


def explain(served: ServedModel, body: PlaceBody) -> Json:
    """How the model comes to its distribution, step by step, as `next --explain --json`."""
    place = place_of(served, body)
    steps = place.model.explain_after(place.prefix.beginning)
    seen = next_token(place.model.tokenizer, place.growth(SamplerChain())).window
    return {
        "context": "".join(seen),
        "window": list(seen),
        "ids": [place.model.tokenizer.symbols.index(symbol) for symbol in seen],
        "explanation": [
            {**explanation_as_json(each), "shape": list(each.values.shape), "shares": each.shares}
            for each in steps
        ],
    }


def exact(served: ServedModel, body: ExactBody) -> Json:
    """What `analyze --json` tells of the documents that go on from a place."""
    place = place_of(served, body)
    source = _documents(served, place, body)
    figures = analyze(place.model, source)
    if body.positions:
        key = "positions" if source.markov or source.counted else "positions_at_least"
        figures[key] = posterior(place.model, source)
    return figures


def top(served: ServedModel, body: TopBody) -> Json:
    """The most probable of these documents, each as `top --json` tells it."""
    place = place_of(served, body)
    ranked = place.model.top_of(_documents(served, place, body), body.count)
    return {"documents": [ranked_as_json(rank, each) for rank, each in enumerate(ranked, start=1)]}


def _shown(shown: NextToken, chain: SamplerChain) -> Json:
    return {
        **next_as_json(shown, chain.temperature, BY_IDS),
        "start": shown.start,
        "window": list(shown.window),
        "seen": shown.seen,
    }


def _ending(place: Place, ids: tuple[int, ...]) -> Json:
    """Of a whole document: its text, and whether the corpus does not hold it."""
    if not place.has_ended:
        return {}
    text = place.model.tokenizer.decode(ids[:-1])
    return {"text": text, "novel": place.model.is_novel(text)}


def _documents(served: ServedModel, place: Place, body: ExactBody) -> DocumentSet:
    asked = conditions_of(Conditions(), body.conditions.model_dump())
    memory = min(served.memory, EXACT_MEMORY)
    chain = parse_chain(body.samplers)
    return place.model.source_after(place.prefix.beginning, chain, asked, memory)
