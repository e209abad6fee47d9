"""Whether equal prefixes get equal bits, whatever else is in the batch."""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api.prefixes import Prefixes


def assert_a_row_is_its_own(model, batch):
    """Hold rows of a random tree of `batch` sequences against the same prefix, given alone."""
    random = np.random.default_rng(batch)

    def some(count, longest):
        lengths = random.integers(0, longest + 1, count)
        return [random.integers(0, model.vocabulary.size, length).tolist() for length in lengths]

    rows = some(batch, 3)
    decoder = model.decoder(Prefixes.of(rows))
    for _ in range(3):
        parents = random.integers(0, len(rows), batch)
        tokens = random.integers(0, model.vocabulary.size, batch)
        decoder.advance(parents, tokens)
        grown = zip(parents.tolist(), tokens.tolist(), strict=True)
        joined = some(3, 5)
        decoder.join(Prefixes.of(joined))
        rows = [*([*rows[parent], token] for parent, token in grown), *joined]
    logprobs = decoder.logprobs()
    for place in random.permutation(len(rows))[:50].tolist():
        alone = Prefixes.of([rows[place]])
        np.testing.assert_array_equal(logprobs[place], model.decoder(alone).logprobs()[0])
        np.testing.assert_array_equal(logprobs[place], model.next_logprobs(alone)[0])
