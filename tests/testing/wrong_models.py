"""Models made wrong on purpose; each says which clauses it violates."""

from __future__ import annotations

import time

import numpy as np
from small_plugins import Bigram

from tokgen.plugin_api import Decoder, LanguageModel, normalised


class AnotherDtype(Bigram):
    """It declares float32 and gives float64."""

    violates = ("rows-form",)
    dtype = np.float32


class OneRowOnly(Bigram):
    """It gives a row without its batch where there is one prefix."""

    violates = ("rows-form",)

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        return rows[0] if len(rows) == 1 else rows


class LogitsAtTheBeginning(Bigram):
    """What it gives for the empty prefix are logits."""

    violates = ("normalised-rows",)

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        rows[prefixes.lengths == 0] += 0.5
        return rows


class LastColumn(Bigram):
    """It reads the last column of ids, whether or not it is of the prefix."""

    violates = ("beginning-respected",)

    def numbers(self, prefixes):
        if not prefixes.ids.shape[1]:
            return super().numbers(prefixes)
        return prefixes.ids[:, -1]


class ReadsMore(Bigram):
    """It reads two tokens and declares one."""

    violates = ("context-enough",)

    def next_logprobs(self, prefixes):
        before = prefixes.padded(2, 0)[:, 0]
        return normalised(super().next_logprobs(prefixes) * (1 + 0.01 * before)[:, None])


class ReadsNothing(Bigram):
    """The frequencies of tokens, with a context that it does not need."""

    violates = ("context-used",)

    def numbers(self, prefixes):
        return np.zeros(len(prefixes), np.int64)


class PadsInPlace(Bigram):
    """It writes the padding into the ids that it is given."""

    violates = ("prefixes-unharmed",)

    def next_logprobs(self, prefixes):
        width = prefixes.ids.shape[1]
        outside = np.arange(width) < width - prefixes.lengths[:, None]
        if outside.any():
            prefixes.ids[outside] = self.vocabulary.terminator_id
        return super().next_logprobs(prefixes)


class CentredBatch(Bigram):
    """It subtracts a share of the batch's mean."""

    violates = ("batch-independence",)
    batch_invariant = False

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        return normalised(rows - 0.01 * rows.mean(axis=0)) if len(rows) else rows


class OtherBits(Bigram):
    """It declares equal bits, and the last ones differ as after a matrix product."""

    violates = ("batch-independence",)

    def next_logprobs(self, prefixes):
        return super().next_logprobs(prefixes) * (1 + 1e-15 * len(prefixes))


class DropsOut(Bigram):
    """It draws in evaluation, as dropout does."""

    # Whatever compares two calls sees it.
    violates = (
        "repeatable",
        "random-state-alone",
        "beginning-respected",
        "context-enough",
        "batch-independence",
        "thread-safe",
        "learned-complete",
        "same-in-new-process",
    )
    batch_invariant = False

    def next_logprobs(self, prefixes):
        kept = np.random.random(self.vocabulary.size)  # noqa: NPY002
        return normalised(super().next_logprobs(prefixes) * (1 + 0.1 * kept))


class Reseeds(Bigram):
    """It seeds numpy at each call, to be on the safe side."""

    violates = ("random-state-alone",)

    def next_logprobs(self, prefixes):
        np.random.seed(0)  # noqa: NPY002
        return super().next_logprobs(prefixes)


class Scratch(Bigram):
    """It keeps what it computes in an attribute."""

    violates = ("thread-safe",)

    def next_logprobs(self, prefixes):
        self.rows = super().next_logprobs(prefixes)
        time.sleep(1e-4)
        return self.rows


class Fading(LanguageModel):
    """All tokens before vote for the next one, the weight of each half of that of the next."""

    tokgen_api = 1
    context_length = None

    def learned(self):
        return {"votes": (self.vocabulary.size,) * 2}

    def fit(self, train, validation, run):
        last = train.windows(np.arange(len(train)), 1).contexts[:, 0]
        counts = np.full((self.vocabulary.size,) * 2, 0.5)
        np.add.at(counts, (last, train.stream.astype(np.int64)), 1)
        self.votes = counts / counts.sum(axis=1, keepdims=True)

    def read(self, states, tokens):
        """The weights (B, V) of the tokens after one (B,) more."""
        return states * 0.5 + np.eye(self.vocabulary.size)[tokens]

    def states_after(self, prefixes):
        states = np.zeros((len(prefixes), self.vocabulary.size))
        states = self.read(states, np.full(len(prefixes), self.vocabulary.terminator_id))
        width = prefixes.ids.shape[1]
        for column in range(width):
            rows = prefixes.lengths >= width - column
            states[rows] = self.read(states[rows], prefixes.ids[rows, column])
        return states

    def rows_of(self, states):
        return np.log(states @ self.votes / states.sum(axis=1, keepdims=True))

    def next_logprobs(self, prefixes):
        return self.rows_of(self.states_after(prefixes))


class FadingDecoder(Decoder):
    """Keeps the weights of the tokens before."""

    def __init__(self, model, prefixes):
        self.model = model
        self.states = model.states_after(prefixes)

    def logprobs(self):
        return self.model.rows_of(self.states)

    def advance(self, parents, tokens):
        self.states = self.model.read(self.states[parents], tokens)

    def join(self, prefixes):
        self.states = np.concatenate([self.states, self.model.states_after(prefixes)])


class IgnoresParents(FadingDecoder):
    """It takes as many sequences as there are parents, from the first on."""

    def advance(self, parents, tokens):
        self.states = self.model.read(np.resize(self.states, (len(parents), 6)), tokens)


class DropsOnly(FadingDecoder):
    """It forgets to select where no sequence is dropped or added: search reorders."""

    def advance(self, parents, tokens):
        kept = self.states if len(parents) == len(self.states) else self.states[parents]
        self.states = self.model.read(kept, tokens)


class JoinsInFront(FadingDecoder):
    """It puts the new sequences in front of the old ones."""

    def join(self, prefixes):
        self.states = np.concatenate([self.model.states_after(prefixes), self.states])


class NeedsOne(FadingDecoder):
    """It scales by the largest of all states."""

    def logprobs(self):
        return self.model.rows_of(self.states / self.states.max())


class GrowsInPlace(FadingDecoder):
    """It reads the tokens into its states, which a copy has too."""

    def advance(self, parents, tokens):
        if not np.array_equal(parents, np.arange(len(self.states))):
            self.states = self.states[parents]
        self.states *= 0.5
        self.states[np.arange(len(tokens)), tokens] += 1


class FillsAgain(FadingDecoder):
    """It writes its rows into the same array as long as there are as many."""

    rows = np.empty((0, 6))

    def logprobs(self):
        rows = super().logprobs()
        if len(rows) != len(self.rows):
            self.rows = np.empty_like(rows)
        self.rows[:] = rows
        return self.rows


class FadingReordered(Fading):
    """Its decoder does not reorder."""

    violates = ("decoder-recomputes", "decoder-joins")

    def decoder(self, prefixes):
        return DropsOnly(self, prefixes)


class FadingIgnoringParents(Fading):
    """Its decoder ignores the parents."""

    violates = ("decoder-recomputes", "decoder-joins")

    def decoder(self, prefixes):
        return IgnoresParents(self, prefixes)


class FadingJoined(Fading):
    """Its decoder joins in front."""

    violates = ("decoder-joins",)

    def decoder(self, prefixes):
        return JoinsInFront(self, prefixes)


class FadingEmptied(Fading):
    """Its decoder needs a sequence."""

    violates = ("decoder-emptied",)

    def decoder(self, prefixes):
        return NeedsOne(self, prefixes)


class FadingCopied(Fading):
    """Its decoder's copies share what is written into."""

    violates = ("decoder-copies",)

    def decoder(self, prefixes):
        return GrowsInPlace(self, prefixes)


class FadingFilled(Fading):
    """Its decoder fills the same rows again."""

    violates = ("decoder-rows-kept",)

    def decoder(self, prefixes):
        return FillsAgain(self, prefixes)


class NegativeKeys(Bigram):
    """Left of the beginning its keys are -1."""

    violates = ("state-keys-form",)

    def state_keys(self, prefixes):
        return prefixes.padded(1, -1)


class MergesFutures(Bigram):
    """It takes prefixes for one that go on differently."""

    violates = ("state-keys-futures",)

    def state_keys(self, prefixes):
        return prefixes.padded(1, self.vocabulary.size) // 2


class ScoresUnshifted(Fading):
    """It scores each id after having read it."""

    violates = ("scores-as-rows",)

    def token_logprobs(self, documents):
        width = documents.ids.shape[1]
        scores = np.zeros(documents.ids.shape)
        for column in range(width):
            read = np.maximum(documents.lengths - (width - column) + 1, 0)
            here = type(documents)(documents.ids[:, : column + 1], read, documents.given)
            rows = self.next_logprobs(here)
            scores[:, column] = rows[np.arange(len(rows)), documents.ids[:, column]]
        return scores


class LooksAhead(Fading):
    """It scores every id after the state at the document's end."""

    violates = ("scores-as-rows", "causal")

    def token_logprobs(self, documents):
        rows = self.next_logprobs(documents)
        return np.take_along_axis(rows, documents.ids, axis=1)


class Forgets(Bigram):
    """It learns a temperature that `learned` does not name."""

    violates = ("learned-complete",)
    temperature = 1.0

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        self.temperature = 1.1

    def next_logprobs(self, prefixes):
        return normalised(super().next_logprobs(prefixes) / self.temperature)


class LosesIntegers(Bigram):
    """Its counts are integers until it is loaded."""

    violates = ("saved-bits",)

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        self.counts = self.counts.astype(np.int64)

    def take_arrays(self, arrays):
        super().take_arrays({name: array.astype(float) for name, array in arrays.items()})


class KeptInTheClass(Bigram):
    """It keeps in its class what it learns."""

    violates = ("same-in-new-process",)
    temperature = 1.0

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        KeptInTheClass.temperature = 1.1

    def next_logprobs(self, prefixes):
        return normalised(super().next_logprobs(prefixes) / self.temperature)
