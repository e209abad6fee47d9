"""Bulk generation makes the documents of the seed law, whatever the path."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from chain_states import state_after
from overlapping import Recurrent, table_model, text_model
from small_tokenizers import PieceTokenizer

import tokgen
from tokgen.exact.bulk import table_sampler
from tokgen.exact.bulk.drawn_batch import line_bytes
from tokgen.exact.conditions import Conditions
from tokgen.exact.markov.compilation import compile_chain
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.text_model import generation_plan, line_stream
from tokgen.text_model.generation_request import GenerationRequest


@pytest.fixture(scope="module", params=["mlp", "ngram", "gru"])
def model(request):
    return tokgen.load("indian-names", request.param)


def lines_of(model, count, **arguments):
    return b"".join(model.generation(GenerationRequest(count, **arguments)).lines())


@pytest.mark.parametrize("chain", ["", "top_p:p=0.9 temperature:t=1.7", "greedy"])
@pytest.mark.parametrize("prefix", ["", "sha"])
def test_chunks_are_the_documents_of_generate(model, chain, prefix):
    samplers = parse_chain(chain.split())
    arguments = {"prefix": prefix, "seed": 9, "samplers": samplers, "max_length": 7}
    expected = "".join(f"{d.text}\n" for d in model.generate(1500, **arguments))
    assert lines_of(model, 1500, **arguments).decode() == expected


# Tokenizers that leave a prefix to be spelt, so that its letters are drawn too.
LETTERS, BEGUN = (PieceTokenizer([b"a", b"b", b"c"], started=each) for each in (False, True))
SPELT = {
    "table": text_model(table_model(LETTERS), LETTERS),
    "table, start id": text_model(table_model(BEGUN), BEGUN),
    "recurrent, start id": text_model(Recurrent(BEGUN.vocabulary), BEGUN),
}


@pytest.mark.parametrize("chain", ["", "temperature:t=1.7", "temperature:t=inf", "greedy"])
@pytest.mark.parametrize("prefix", ["", "ab"])
@pytest.mark.parametrize("model", SPELT.values(), ids=SPELT)
def test_a_prefix_that_is_drawn_stands_once_in_each_line(model, chain, prefix):
    samplers = parse_chain(chain.split())
    arguments = {"prefix": prefix, "seed": 9, "samplers": samplers, "max_length": 7}
    texts = [each.text for each in model.generate(1500, **arguments)]
    assert lines_of(model, 1500, **arguments).decode().splitlines() == texts
    if model.model.context_length is not None:
        chain_there = compile_chain(model.model, samplers, model.beginning(prefix))
        table = table_sampler.TableSampler(chain_there, 7)
        lines = line_bytes(model.tokenizer.pieces(), model.tokenizer.vocabulary)
        asked = (9, np.arange(1500), lines, b"")
        assert table.text(*asked).decode().splitlines() == texts
        assert table.compiled().text(*asked).decode().splitlines() == texts


@pytest.mark.parametrize("prefix", ["", "ca"])
@pytest.mark.parametrize("name", ["table", "table, start id"])
def test_its_chunks_given_conditions_are_the_documents_of_generate(name, prefix):
    arguments = {"seed": 2, "prefix": prefix, "conditions": Conditions(suffix="ab")}
    texts = [each.text for each in SPELT[name].generate(300, **arguments)]
    assert lines_of(SPELT[name], 300, **arguments).decode().splitlines() == texts


@pytest.mark.parametrize("chain", ["", "top_p:p=0.9 temperature:t=1.7", "greedy"])
@pytest.mark.parametrize("prefix", ["", "sha"])
def test_the_compiled_walk_makes_the_same_documents(model, chain, prefix):
    if model.model.context_length is None:
        pytest.skip("not a chain")
    ids = model.tokenizer.encode(prefix)
    table = table_sampler.TableSampler(
        compile_chain(model.model, parse_chain(chain.split()), Beginning(tuple(ids))), 7
    )
    lines = line_bytes(model.tokenizer.pieces(), model.tokenizer.vocabulary)
    for sequences in (np.arange(2000), np.arange(10**9, 10**9 + 50), np.arange(1)):
        arguments = (9, sequences, lines, prefix.encode())
        assert table.compiled().text(*arguments) == table.text(*arguments)


def test_without_numba_the_walk_is_numpys(model, monkeypatch):
    if model.model.context_length is None:
        pytest.skip("not a chain")
    table = table_sampler.TableSampler(compile_chain(model.model), 7)
    assert table_sampler.fastest(table, 10**9) is not table
    assert table_sampler.fastest(table, 10) is table
    endless = table_sampler.TableSampler(compile_chain(model.model), 10**9)
    assert table_sampler.fastest(endless, 10**9) is endless
    monkeypatch.setitem(sys.modules, "tokgen.exact.bulk.compiled_sampler", None)
    assert table_sampler.fastest(table, 10**9) is table


@pytest.mark.parametrize("conditions", [Conditions(suffix="sh"), Conditions((4, 6), novel=True)])
def test_chunks_given_conditions_are_the_documents_of_generate(model, conditions):
    arguments = {"prefix": "sa", "seed": 2, "conditions": conditions}
    if model.model.context_length is None:
        assert model.generation(GenerationRequest(300, **arguments)).lines() is None
    else:
        expected = "".join(f"{d.text}\n" for d in model.generate(300, **arguments))
        assert lines_of(model, 300, **arguments).decode() == expected


def test_without_room_for_the_table_the_documents_are_grown(model, monkeypatch):
    expected = lines_of(model, 3000, seed=3)
    monkeypatch.setattr(generation_plan, "MAX_STATES", 100)
    monkeypatch.setattr(generation_plan, "FEWEST_STATES", 100)
    monkeypatch.setattr(line_stream, "TableSampler", None)
    assert lines_of(model, 3000, seed=3) == expected


def test_chunks_do_not_depend_on_their_size(model, monkeypatch):
    whole = lines_of(model, 2000, seed=3)
    monkeypatch.setattr(line_stream, "DOCUMENTS_AT_ONCE", 333)
    assert lines_of(model, 2000, seed=3) == whole


def test_an_ngram_of_order_8_is_a_small_chain():
    from tokgen.plugin_api.prefixes import Prefixes
    from tokgen.training.plan import plan
    from tokgen.training.recipe import Recipe
    from tokgen.training.train import train

    recipe = Recipe(corpus="indian-names", model="ngram", options={"order": 8})
    fitted = train(plan(recipe)).checkpoint
    chain = compile_chain(fitted.model)
    assert len(chain) < 100_000
    for name in ["", "a", "abi", "shakuntala", "qxqxqxqxqx", "lakshmilakshmi"]:
        ids = fitted.tokenizer.encode(name)
        state = state_after(chain, ids)
        rows = fitted.model.next_logprobs(Prefixes.of([ids]).last(7))
        np.testing.assert_allclose(chain.logprobs[state], rows[0], atol=1e-12)
