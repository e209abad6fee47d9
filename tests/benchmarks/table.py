"""Print names per second by each way of making them, with ratios to the plain PyTorch loop.

Run it as `python tests/benchmarks/table.py`.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from reference import sample_plainly, sample_rereading, torch_network

import tokgen
from tokgen.exact.bulk.drawn_batch import line_bytes
from tokgen.exact.bulk.table_sampler import TableSampler
from tokgen.exact.markov.compilation import compile_chain
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.line_stream import in_chunks
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint

RUNS = 3


def rate(make, count):
    """Names per second, the best of some runs after one that warms up."""
    make()
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        make()
        seconds.append(time.perf_counter() - started)
    return count / min(seconds)


def consumed(chunks):
    return sum(map(len, chunks))


def drawn(table, count, workers):
    """Draw without writing text: the tokens in memory."""
    batches = np.split(np.arange(count), count // 131_072)
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(table.draw_batch, 1, batch) for batch in batches]:
            done.result()


def bounded_ways():
    model = tokgen.load("indian-names", model="mlp")
    network = torch_network(model.model)
    table = TableSampler(compile_chain(model.model), 64)
    lines = line_bytes(model.tokenizer.pieces(), model.tokenizer.vocabulary)
    million = 8 * 131_072
    plain = partial(table.text, 1, bytes_of=lines, prefix=b"")
    compiled = partial(table.compiled().text, 1, bytes_of=lines, prefix=b"")
    return {
        "plain PyTorch loop, batch 1,000": (lambda: sample_plainly(network, 1000), 1000),
        "generate(), token by token": (lambda: list(model.generate(100_000, seed=1)), 100_000),
        "numpy draw, 1 thread": (lambda: drawn(table, million, 1), million),
        "numpy draw, 2 threads": (lambda: drawn(table, 4 * million, 2), 4 * million),
        "numpy draw to text, 2 threads": (
            lambda: consumed(in_chunks(plain, 4 * million, 131_072, 2)),
            4 * million,
        ),
        "compiled draw to text, 1 thread": (
            lambda: consumed(in_chunks(compiled, 8 * million, 131_072, 1)),
            8 * million,
        ),
        "compiled draw to text, 2 threads": (
            lambda: consumed(in_chunks(compiled, 16 * million, 131_072, 2)),
            16 * million,
        ),
    }


def in_float32(model):
    """The same weights in a model that computes with them in float32."""
    options = model.model.options.model_copy(update={"precision": "float32"})
    network = type(model.model).from_arrays(
        options, model.model.vocabulary, dict(model.model.arrays())
    )
    return TextModel(Checkpoint(network, model.tokenizer, model.metadata))


def unbounded_ways():
    model = tokgen.load("indian-names", "gru")
    rounded = in_float32(model)
    network = torch_network(model.model)
    return {
        "plain PyTorch loop, batch 1,000": (lambda: sample_rereading(network, 1000), 1000),
        "equal prefixes read once, to text": (
            lambda: consumed(model.generation(GenerationRequest(100_000, seed=1)).lines()),
            100_000,
        ),
        "the same in float32": (
            lambda: consumed(rounded.generation(GenerationRequest(100_000, seed=1)).lines()),
            100_000,
        ),
    }


def print_table(title, ways):
    print(title)
    reference = None
    for name, (make, count) in ways.items():
        speed = rate(make, count)
        reference = reference or speed
        print(f"  {name:34} {speed:12,.0f} names/s {speed / reference:9,.1f} x")


if __name__ == "__main__":
    print_table("mlp, context 3", bounded_ways())
    print_table("gru, unbounded", unbounded_ways())
