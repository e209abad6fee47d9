"""smoothed-bigram: a model that predicts each token from the one before it.

It counts how often each token follows each other token in the training documents.
Where it has seen little it trusts the frequencies of the single tokens (MacKay & Peto 1995).
"""

import numpy as np
from tokgen.plugin_api import (
    Dataset,
    Field,
    FitRun,
    Floats,
    LanguageModel,
    PluginOptions,
    Prefixes,
    normalised,
)


class SmoothedBigram(LanguageModel):
    """Counts of pairs of tokens, smoothed by the frequencies of single tokens."""

    class Options(PluginOptions):
        """Options of `smoothed-bigram`; users write `-o weight=2`."""

        weight: float = Field(
            default=1.0, gt=0, description="as how many examples the single tokens count"
        )

    context_length = 1  # how many tokens can matter; None where all of them can
    batch_invariant = True  # a row never depends on the other rows; remove it if unsure

    def learned(self) -> dict[str, tuple[int, ...]]:
        """Attributes that `fit` sets: arrays that are saved, and checked when they are loaded."""
        return {"counts": (self.vocabulary.size, self.vocabulary.size)}  # (V before, V next)

    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Count; whatever is random in a fit must follow from `run.seed`."""
        windows = train.all_windows(self.context_length)  # contexts (N, 1), targets (N,)
        self.counts = np.zeros(self.learned()["counts"])
        np.add.at(self.counts, (windows.contexts[:, 0], windows.targets), 1)

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V), nats; each row must sum to one."""
        # `padded` puts the terminator left of a document's beginning, as `fit` has seen it.
        before = prefixes.padded(1, self.vocabulary.terminator_id)[:, 0]  # (B,)
        single = self.counts.sum(axis=0) + 1 / self.vocabulary.size  # (V,): none is impossible
        pairs = self.counts[before] + self.options.weight * single / single.sum()  # (B, V)
        return normalised(np.log(pairs))
