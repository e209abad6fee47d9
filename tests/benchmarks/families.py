"""Print the loss and seconds of every family on a list of words, beside makemore's networks.

Run it as `OMP_NUM_THREADS=1 python tests/benchmarks/families.py FILE`, with names of recipes behind
it for some families alone. The words are split 80 % train, 10 % validation, 10 % test, after equal
ones are dropped; each recipe of the Indian names is trained on them. makemore's networks are given
the seconds of the LSTM's recipe. Seconds are those of computing, on one thread.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from makemore import NETWORKS, train_for

from tokgen.corpus.card import open_package
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import open_corpus
from tokgen.training.evaluation import mean_nll
from tokgen.training.plan import plan_on
from tokgen.training.recipe import Recipe, read_recipe
from tokgen.training.train import train

RECIPES = ("ngram", "mlp", "rnn", "gru", "lstm", "cnn", "transformer", "mixture")
SHARES = {"train": (0, 80), "validation": (80, 90), "test": (90, 100)}


@dataclass(frozen=True, eq=False)
class TestedCorpus(Corpus):
    """A file that is split as a corpus plugin is: with a part that nothing is chosen by."""

    def rows_of(self, name):
        low, high = SHARES[name]
        bucket = self.documents.hashes() % np.uint64(100)
        return (bucket >= low) & (bucket < high)


def planned(corpus, name):
    """The plan of a recipe of the Indian names on another corpus."""
    settings = read_recipe(open_package("indian-names").recipes()[name])
    return plan_on(Recipe(**{**settings, "corpus": corpus.name}), corpus)


def report(name, validation, test, seconds):
    print(f"{name:24} {validation:10.4f} {test:10.4f} {seconds:10.1f}", flush=True)


def compare(path, names):
    whole = open_corpus(path).deduplicated()
    corpus = TestedCorpus(whole.name, whole.documents, whole.fingerprint)
    print(f"{len(corpus.documents):,} different documents of {path}")
    print(f"{'':24} {'validation':>10} {'test':>10} {'seconds':>10}", flush=True)
    took = {}
    for name in names:
        plan, begun = planned(corpus, name), time.process_time()
        checkpoint = train(plan).checkpoint
        took[name] = time.process_time() - begun
        validation = checkpoint.metadata.metrics["validation_loss"]
        report(name, validation, mean_nll(checkpoint.model, plan.dataset("test")), took[name])
    if "lstm" in took:
        splits = [planned(corpus, "ngram").dataset(each) for each in SHARES]
        for name in NETWORKS:
            report(name, *train_for(took["lstm"], name, *splits), took["lstm"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    compare(Path(sys.argv[1]).as_posix(), sys.argv[2:] or RECIPES)
