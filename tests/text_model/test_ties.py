"""Rows whose tokens tie: a truncation keeps the lower ids, on every path and in every batch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from models import TableModel
from overlapping import session_of
from tied import tied

from tokgen.exact.automaton import everything
from tokgen.exact.bulk.drawn_batch import line_bytes
from tokgen.exact.bulk.table_sampler import TableSampler
from tokgen.exact.conditions import Conditions
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.search.best_first import most_probable_by_search
from tokgen.exact.search.rejection import Rejection, all_of_them, grown
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.session.events import Best, Names, Sampled
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.documents_in_order import most_probable
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.tree import generation_tree

# What truncations leave of rows in which the terminator has 0.22 and each letter 0.03.
KEPT = {
    "greedy": "",
    "top_k:k=3": "ab",
    "top_p:p=0.27": "ab",
    "min_p:p=0.5": "",
    "min_p:p=0.1": "abcdefghijklmnopqrstuvwxyz",
    "temperature:t=0": "",
    "temperature:t=2": "abcdefghijklmnopqrstuvwxyz",
    "temperature:t=2 top_k:k=4": "abc",
}


@pytest.fixture(scope="module", params=["mlp", "gru"])
def model(request):
    """Its letters tie, and its terminator is likelier."""
    return tied(request.param)


@pytest.fixture(params=KEPT)
def chain(request):
    return parse_chain(request.param.split())


@pytest.fixture
def kept(request, model, chain):
    letters = KEPT[request.node.callspec.params["chain"]]
    return sorted([*model.tokenizer.encode(letters), model.tokenizer.terminator_id])


def letters_of(model, kept):
    end = model.tokenizer.terminator_id
    return set(model.tokenizer.decode([token for token in kept if token != end]))


def possible(logprobs):
    return np.flatnonzero(logprobs > -np.inf).tolist()


def test_rows_tie_and_keep_the_lower_ids(model, chain, kept):
    for prefix in ("", "a", "shal", "zzzzzzzz"):
        shown = model.next(prefix, chain)
        letters = np.delete(shown.logprobs, model.tokenizer.terminator_id)
        assert (letters == letters[0]).all()
        assert possible(shown.final_logprobs) == kept


def test_every_batch_keeps_the_same(model, chain, kept):
    few = "".join(f"{each.text}\n" for each in model.generate(50, seed=1, samplers=chain))
    request = GenerationRequest(6000, seed=1, samplers=chain)
    many = b"".join(model.generation(request).lines()).decode()
    assert many.startswith(few)
    assert set(many) - {"\n"} == letters_of(model, kept)


def test_the_tables_keep_the_same(model, chain, kept):
    if model.model.context_length is None:
        pytest.skip("no Markov chain")
    markov = compile_chain(model.model, chain)
    assert {tuple(possible(row)) for row in markov.logprobs} == {tuple(kept)}
    table = TableSampler(markov, 64)
    bytes_of = line_bytes(model.tokenizer.pieces(), model.tokenizer.vocabulary)
    asked = (1, np.arange(3000), bytes_of, b"")
    few = "".join(f"{each.text}\n" for each in model.generate(3000, seed=1, samplers=chain))
    assert table.text(*asked) == table.compiled().text(*asked) == few.encode()


def test_searches_and_rejection_keep_the_same(model, chain, kept):
    letters = letters_of(model, kept)
    conditions = Conditions(lengths=(0, 2))
    for found in (
        model.generate(40, seed=2, samplers=chain, unique=True, conditions=conditions),
        model.generate(40, seed=2, samplers=chain, conditions=conditions),
        itertools.islice(model.top(samplers=chain), 20 if letters else 1),
    ):
        assert set("".join(each.text for each in found)) <= letters
    proposals = grown(model.model, chain, Beginning(), 4096, seed=1)
    drawn = itertools.islice(Rejection(all_of_them).keep(proposals), 500)
    assert {token for each in drawn for token in each.tokens} | {
        model.tokenizer.terminator_id
    } == set(kept)


def test_a_beam_and_a_quality_keep_the_same(model, chain, kept):
    letters = letters_of(model, kept)
    beam = list(model.generate(20, samplers=chain, beam=20, max_length=2))
    assert set("".join(each.text for each in beam)) <= letters
    ids = [(each.logprob_drawn, each.ids) for each in beam]
    assert ids == sorted(ids, key=lambda each: (-each[0], each[1]))
    few = model.generate(5, seed=3, samplers=chain, quality=0.5)
    many = model.generate(200, seed=3, samplers=chain, quality=0.5)
    assert [each.ids for each in few] == [each.ids for each in itertools.islice(many, 5)]


def told_by(session, line, kind):
    (event,) = (each for each in session.handle(line) if isinstance(each, kind))
    return [each.ids for each in event.documents]


def test_a_session_keeps_the_same(model, chain, kept):
    session = session_of(model, chain)
    list(session.handle(":seed 5"))
    drawn = told_by(session, ":names 30", Names)
    assert drawn == [each.ids for each in model.generate(30, seed=5, samplers=chain)]
    count = 5 if letters_of(model, kept) else 1
    best = told_by(session, f":top {count}", Best)
    assert best == [each.ids for each in itertools.islice(model.top(samplers=chain), count)]


def test_a_tree_shows_the_lower_ids_first(model, chain, kept):
    growth = Growth.begin(model.model, chain, model.beginning("sha"))
    tree = generation_tree(model.tokenizer, growth, depth=2, width=50)
    level = [node for node in tree.children if not node.ended]
    assert [node.ids[-1] for node in level] == kept[:-1]
    for node in level:
        assert sorted(child.ids[-1] for child in node.children) == kept


def test_the_session_picks_by_rank(model):
    session = session_of(model, SamplerChain())
    list(session.handle("a"))
    (picked,) = (each for each in session.handle(":pick 3") if isinstance(each, Sampled))
    assert picked.rank == 3
    assert model.tokenizer.decode(session.state.place.drawn) == "b"


def test_the_most_probable_come_in_the_order_of_their_ids():
    """Every letter of every row ties, so that all documents of one length do."""
    source = TableModel(np.log(np.tile([0.2, 0.2, 0.2, 0.4], (4, 1))), 1)
    expected = [ids for length in range(5) for ids in itertools.product(range(3), repeat=length)]
    freely = (SamplerChain(), Beginning(), everything(4), 100_000)
    searched = most_probable_by_search(source, *freely)
    assert [each.tokens for each in itertools.islice(searched, 121)] == expected
    found = itertools.islice(most_probable(DocumentSet(source)), 121)
    assert [each.tokens for each in found] == expected
