"""Print names per second by each way of making them, with ratios to the plain PyTorch loop.

Run it as `python tests/benchmarks/table.py`.
"""

from __future__ import annotations

import time

import numpy as np
from reference import sample_plainly, torch_network

import tokgen
from tokgen.bulk import BulkWalker
from tokgen.chain import compile_chain


def rate(make, count):
    make()
    started = time.perf_counter()
    make()
    return count / (time.perf_counter() - started)


def main():
    model = tokgen.load("indian-names")
    network = torch_network(model.model)
    walker = BulkWalker(compile_chain(model.model), 64)
    batches = np.split(np.arange(16 * 131_072), 16)
    ways = {
        "plain PyTorch loop, batch 1,000": (lambda: sample_plainly(network, 1000), 1000),
        "generate(), token by token": (lambda: list(model.generate(20_000, seed=1)), 20_000),
        "chain walk, one thread": (lambda: [walker.walk(1, b) for b in batches], 16 * 131_072),
        "chain walk to text, all cores": (
            lambda: sum(map(len, model.text_chunks(4_000_000, seed=1))),
            4_000_000,
        ),
    }
    reference = None
    for name, (make, count) in ways.items():
        speed = rate(make, count)
        reference = reference or speed
        print(f"{name:32} {speed:12,.0f} names/s {speed / reference:9,.1f} x")


if __name__ == "__main__":
    main()
