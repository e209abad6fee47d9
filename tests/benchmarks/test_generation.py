"""Bulk generation, exact inference and counting, timed beside a plain PyTorch sampling loop."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from reference import (
    llama_of,
    sample_by_transformers,
    sample_plainly,
    sample_rereading,
    torch_network,
)
from tokgen_models.ngram import NGram

import tokgen
from tokgen.exact.bulk.drawn_batch import line_bytes
from tokgen.exact.bulk.table_sampler import TableSampler
from tokgen.exact.condition_automata import of_length
from tokgen.exact.markov.best_first import top
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.conditioned_chain import condition_on
from tokgen.exact.markov.statistics import describe
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun
from tokgen.text_model.generation_request import GenerationRequest

pytestmark = pytest.mark.benchmark(warmup=True)


@pytest.fixture(scope="module")
def model():
    return tokgen.load("indian-names", model="mlp")


@pytest.fixture(scope="module")
def chain(model):
    return compile_chain(model.model)


def test_plain_torch_loop_1000_names(benchmark, model):
    network = torch_network(model.model)
    assert len(benchmark(sample_plainly, network, 1000)) == 1000


def test_growing_1000_names(benchmark, model):
    assert benchmark(lambda: len(list(model.generate(1000, seed=1)))) == 1000


def test_walking_one_million_names(benchmark, chain):
    table = TableSampler(chain, 64)
    batches = np.split(np.arange(8 * 131_072), 8)
    benchmark(lambda: [table.draw_batch(1, batch) for batch in batches])


def test_one_million_lines_of_text(benchmark, model):
    benchmark(lambda: sum(map(len, model.generation(GenerationRequest(1_000_000, seed=1)).lines())))


def test_one_million_lines_of_text_compiled(benchmark, model, chain):
    table = TableSampler(chain, 64).compiled()
    lines = line_bytes(model.tokenizer.pieces(), model.tokenizer.vocabulary)
    benchmark(lambda: table.text(1, np.arange(1_000_000), lines, b""))


def test_plain_torch_loop_1000_names_of_a_gru(benchmark):
    network = torch_network(tokgen.load("indian-names", "gru").model)
    benchmark(sample_rereading, network, 1000)


def test_20_000_names_of_a_gru(benchmark):
    gru = tokgen.load("indian-names", "gru")
    benchmark(lambda: sum(map(len, gru.generation(GenerationRequest(20_000, seed=1)).lines())))


def test_transformers_1000_names_of_a_transformer(benchmark):
    llama = llama_of(tokgen.load("indian-names", "transformer").model)
    assert len(benchmark(sample_by_transformers, llama, 1000)) == 1000


def test_1000_names_of_a_transformer(benchmark):
    model = tokgen.load("indian-names", "transformer")
    assert benchmark(lambda: len(list(model.generate(1000, seed=1)))) == 1000


def test_compiling(benchmark, model):
    benchmark(compile_chain, model.model)


def test_describing(benchmark, chain):
    benchmark(describe, chain, np.ones(chain.vocabulary_size, np.int64))


def test_thousand_most_probable(benchmark, chain):
    benchmark(lambda: list(itertools.islice(top(chain), 1000)))


def test_conditioning_on_length(benchmark, model, chain):
    pieces, end = model.tokenizer.pieces(), model.tokenizer.vocabulary
    benchmark(lambda: condition_on(chain, TokenAutomaton.of(of_length(6, 6), pieces, end)))


def test_counting_an_ngram(benchmark, model):
    lines = b"".join(model.generation(GenerationRequest(500_000, seed=1)).lines())
    documents = tokgen_documents(lines)
    data = Dataset(model.tokenizer.encode_documents(documents), model.tokenizer.vocabulary)
    benchmark.extra_info["tokens"] = len(data)
    options = NGram.Options(order=5)
    benchmark(lambda: NGram.fitted(options, model.tokenizer.vocabulary, data, None, FitRun()))


def tokgen_documents(lines):
    from tokgen.corpus.text_file import split_lines

    return split_lines(lines, "generated").documents
