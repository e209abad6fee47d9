"""Commands that look at the model from here and change nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np

from tokgen import registry
from tokgen.arrays import Floats
from tokgen.errors import RequestError
from tokgen.exact.condition_syntax import CONDITION_NAMES, parse_conditions
from tokgen.exact.conditions import Conditions
from tokgen.exact.impossible import ImpossibleError
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.session.commands.command import Command, needed, number, whole
from tokgen.session.comparison import Compared, Comparison
from tokgen.session.events import (
    Analyzed,
    Best,
    Event,
    Explained,
    Mapped,
    Names,
    Nearby,
    Scored,
    Stepped,
    Tabled,
    Told,
    WorkedOut,
)
from tokgen.session.state import State
from tokgen.text_model.analysis import analyze
from tokgen.text_model.beginning import told
from tokgen.text_model.cross_entropy import cross_entropy
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.embeddings import (
    analogy,
    better_map,
    initial_space_of,
    neighbours,
    space_of,
)
from tokgen.text_model.generation import Generation
from tokgen.text_model.generation_plan import Method
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.gradient_step import DEFAULT_RATE, example_of, take_step
from tokgen.text_model.next_token import next_token
from tokgen.text_model.other_case import other_cases, texts_of
from tokgen.text_model.results import Generated, Ranked, Score
from tokgen.unit import Unit

DEFAULT_COUNT = 10
RATE = "lr="
BOTH, TABLE, NEAR = "both", "table", "near"
EMBEDDINGS = f":embeddings [{BOTH} | {TABLE} | {NEAR} SYMBOL | A:B::C]"
TOLD_AT_ONCE = 100
Document = TypeVar("Document", Generated, Ranked)


def _names(state: State, rest: str) -> Iterator[Event]:
    words = rest.split()
    unique = "unique" in words
    count, conditions = _counted([word for word in words if word != "unique"])
    here, settings, model = state.prefix(), state.settings, state.model
    request = GenerationRequest(
        count, here.text, settings.seed, settings.chain, conditions, unique=unique
    )
    source = _documents_from_here(state, conditions)
    generation = Generation(request, here, source, model.tokenizer)
    known, found = state.known(), 0
    yield from _told_of_conditions(state, conditions)
    yield from _told_of_doubt(source)
    for documents in in_batches(generation.documents()):
        if not documents:
            raise ImpossibleError(here.text)
        found += len(documents)
        novel = tuple(None if known is None else each.text not in known for each in documents)
        yield Names(documents, novel)
    if found < count:
        yield Told(f"Only {found:,} of {count:,} documents: there are no others.")
    plan = generation.plan
    if plan.method is Method.rejection:
        yield from map(Told, plan.documents.rejection.told)


def _top(state: State, rest: str) -> Iterator[Event]:
    count, conditions = _counted(rest.split())
    yield from _told_of_conditions(state, conditions)
    source = _documents_from_here(state, conditions)
    yield from _told_of_doubt(source)
    found = state.model.top_of(source, count)
    first = 1
    for documents in in_batches(found):
        yield Best(documents, first)
        first += len(documents)


def _documents_from_here(state: State, conditions: Conditions) -> DocumentSet:
    return state.model.source_after(state.prefix().beginning, state.settings.chain, conditions)


def _told_of_conditions(state: State, conditions: Conditions) -> Iterator[Event]:
    """What the conditions ask for in another case than the corpus has it; the cut of a quality."""
    for found in other_cases(state.model, texts_of(conditions)):
        yield Told(found.sentence)
    if conditions.quality is not None:
        yield Told(state.model.likeliest(conditions.quality).told)


def _told_of_doubt(source: DocumentSet) -> Iterator[Event]:
    if source.doubt is not None:
        yield Told(source.doubt)


def in_batches(documents: Iterator[Document]) -> Iterator[tuple[Document, ...]]:
    """Documents as they come, many at once; one batch where there are none."""
    yield tuple(itertools.islice(documents, TOLD_AT_ONCE))
    while batch := tuple(itertools.islice(documents, TOLD_AT_ONCE)):
        yield batch


def _counted(words: list[str]) -> tuple[int, Conditions]:
    """How many documents, and what they must fulfil."""
    if words and "=" not in words[0] and words[0] not in CONDITION_NAMES:
        count = whole(words[0], "number of documents", least=1)
        return count, parse_conditions(words[1:])
    return DEFAULT_COUNT, parse_conditions(words)


def _analyze(state: State, rest: str) -> Iterator[Event]:
    conditions = parse_conditions(rest.split())
    yield from _told_of_conditions(state, conditions)
    yield Analyzed(analyze(state.model, _documents_from_here(state, conditions)))


def _why(state: State, rest: str) -> Iterator[Event]:
    steps = state.model.explain_after(state.prefix().beginning)
    yield Explained(state.next(), tuple(steps))


def _score(state: State, rest: str) -> Iterator[Event]:
    yield Scored(_score_of(state, rest))


def _loss(state: State, rest: str) -> Iterator[Event]:
    if rest:
        yield WorkedOut(state.model.loss(rest))
    else:
        yield WorkedOut(cross_entropy(state.model, _score_of_here(state)))


def _step(state: State, rest: str) -> Iterator[Event]:
    text, _, last = rest.rpartition(" ")
    has_rate = last.startswith(RATE)
    rate = number(last.removeprefix(RATE), "learning rate") if has_rate else DEFAULT_RATE
    text = text.strip() if has_rate else rest
    before, target = example_of(state.model, text) if text else _example_here(state)
    taken = take_step(state.model, before, target, rate)
    yield Stepped(taken, state.settings.rows)


def _embeddings(state: State, rest: str) -> Iterator[Event]:
    space = space_of(state.model)
    asked, _, symbol = rest.partition(" ")
    if not rest or rest == BOTH:
        shown = space.map(initial_space_of(state.model) if rest == BOTH else None)
        yield Mapped(shown, space, better_map(state.model, shown))
    elif rest == TABLE:
        yield Tabled(space)
    elif asked == NEAR and symbol.strip():
        yield Nearby(neighbours(space, symbol.strip()))
    elif ":" in rest:
        yield Nearby(analogy(space, rest))
    else:
        raise RequestError(f"{rest!r} is no view of the embeddings. There are: {EMBEDDINGS}.")


def _example_here(state: State) -> tuple[Beginning, int]:
    """The last token here as a target, and those before it."""
    here = state.prefix()
    begin = len(state.model.tokenizer.vocabulary.beginning)
    if here.beginning.rest or len(here.beginning.ids) == begin:
        return example_of(state.model, here.text)
    *before, target = here.beginning.ids
    return replace(here.beginning, ids=tuple(before)), target


def _score_of(state: State, text: str) -> Score:
    return state.model.score(text) if text else _score_of_here(state)


def _score_of_here(state: State) -> Score:
    """The score of what was drawn; what is still to be spelt is spelt as the tokenizer does it."""
    here, begin = state.prefix(), len(state.model.tokenizer.vocabulary.beginning)
    if here.beginning.rest:
        return state.model.score(here.text)
    return state.model.score_ids(here.beginning.ids[begin:])


def _compare(state: State, rest: str) -> Iterator[Event]:
    name = needed(rest, ":compare MODEL", registry.names("models"))
    other = state.open_model(replace(state.request, model=name, checkpoint=None, options={}))
    if other.tokenizer.vocabulary != state.model.tokenizer.vocabulary:
        raise RequestError(f"{name!r} has other tokens than this model.")
    alone, here = SamplerChain(), state.place
    typed = told(here.typed, other.given_ids)
    growth = Growth.at(other.model, alone, typed.beginning, here.drawn)
    ours, theirs = state.next(chain=alone), next_token(other.tokenizer, growth)
    ours_named = state.model.metadata.model.name
    note = apart(state, (ours_named, ours.logprobs), (name, theirs.logprobs))
    if state.settings.chain.samplers:
        note += " The samplers are left out."
    columns = (Compared(ours, 1.0, ours_named), Compared(theirs, 1.0, name))
    yield Comparison(columns, state.settings.sort, state.settings.rows, note)


def apart(state: State, ours: tuple[str, Floats], theirs: tuple[str, Floats]) -> str:
    """How far a named distribution (V,) is from another one, in a sentence that tells the way."""
    (drawn_from, told), (costs, expected) = ours, theirs
    unit = state.settings.unit or Unit.bits
    return (
        f"A next token drawn from {drawn_from} costs {costs} "
        f"{unit.of(divergence(told, expected)):.4f} {unit} more on average (KL divergence)."
    )


def divergence(ours: Floats, theirs: Floats) -> float:
    """KL divergence of a distribution (V,) from another (V,), nats."""
    possible = ours > -np.inf
    return float((np.exp(ours) * (ours - theirs))[possible].sum())


CONDITIONS = (
    "[length=4..6 suffix=… pattern=… exclude=… novel novel-distance=1 min-logprob=-20 quality=0.9]"
)
LOOKING = {
    "names": Command(f":names [N] {CONDITIONS}", "generate documents from here", _names),
    "top": Command(f":top [N] {CONDITIONS}", "the most probable documents, exactly", _top),
    "why": Command(":why", "how the model comes to this distribution", _why),
    "score": Command(":score [TEXT]", "surprisal of each token", _score),
    "loss": Command(":loss [TEXT]", "cross-entropy worked out by hand", _loss),
    "step": Command(
        ":step [TEXT] [lr=0.01]", "one gradient step: the last token is the target", _step
    ),
    "embeddings": Command(EMBEDDINGS, "the embeddings on a map, or in figures", _embeddings),
    "analyze": Command(":analyze [length=… …]", "exact figures of what follows", _analyze),
    "compare": Command(":compare MODEL", "two models side by side", _compare),
}
