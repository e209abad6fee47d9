"""A developer's story: train, watch, cancel, keep, ask and put into a table, with public names."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tokgen

WORDS = [f"{a}{b}{c}" for a in ("ba", "ke", "lo", "mi") for b in "lmnr" for c in ("a", "in", "o")]


class EnoughError(Exception):
    """The caller has seen enough of a training."""


def cancelled(progress):
    """A callback that ends the training: what it raises comes out of `train`."""
    if progress.step >= 10:
        raise EnoughError


# Train: the losses come as they are measured; nothing is printed.
reports = []
quick = {"steps": 40, "hidden": 16, "embedding": 4}
model = tokgen.train(WORDS, model="mlp", options=quick, seed=1, on_progress=reports.append)
print(f"{len(reports)} reports, the last at step {reports[-1].step}")
try:
    tokgen.train(WORDS, model="mlp", options=quick, seed=1, on_progress=cancelled)
except EnoughError:
    print("a second training was cancelled")

# Keep, and open again.
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "words.safetensors"
    model.save(path)
    again = tokgen.load(checkpoint=path)
print("the same model:", again.fingerprint == model.fingerprint)

# Draw: without a seed one is drawn, and the result tells it.
drawn = model.generate(5, prefix="ba", length="4..8", unique=True, temperature=0.8)
texts = [each.text for each in drawn]
same = model.generate(5, prefix="ba", length="4..8", unique=True, temperature=0.8, seed=drawn.seed)
print("the same documents:", texts == [each.text for each in same])

# A view of one's own: a step a token.
for step in tokgen.train(WORDS, model="ngram").steps("ba", seed=1):
    print(f"{step.next.prefix:>8} -> {step.token}  {step.next.probs[step.id]:6.1%}")

# Before and after the samplers.
shown = model.next("ba", samplers=["top_p:p=0.9"])
print(f"{(shown.model_probs > 0).sum()} tokens, {(shown.probs > 0).sum()} after top_p")

# A model answers several threads at once.
with ThreadPoolExecutor(4) as pool:
    scores = list(pool.map(lambda word: model.score(word).logprob, WORDS))
print("the same scores:", scores == [model.score(word).logprob for word in WORDS])

# A wrong argument raises at the call, with the nearest name.
try:
    model.generate(5, sampler="top_p:p=0.9")
except tokgen.RequestError as error:
    print(error)
