"""Models made wrong on purpose; each says which clauses it violates.

Those that violate none are what the wrong ones are made of.
"""

from __future__ import annotations

import time

import numpy as np
from small_plugins import Bigram, Told

from tokgen.plugin_api import (
    Decoder,
    Explanation,
    LanguageModel,
    Progress,
    Snapshot,
    normalised,
)


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
    """It adds a share of the batch's mean."""

    violates = ("batch-independence",)
    batch_invariant = False

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        means = np.exp(rows).mean(axis=0) if len(rows) else 0.0
        return normalised(rows + 0.1 * means)


class OtherBits(Bigram):
    """It declares equal bits, and the last ones differ as after a matrix product."""

    violates = ("batch-independence",)

    def next_logprobs(self, prefixes):
        return super().next_logprobs(prefixes) * (1 + 1e-15 * len(prefixes))


class DropsOut(Bigram):
    """It draws in evaluation, as dropout does."""

    # Whatever compares two calls sees it.
    violates = ("repeatable",)
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
        shares = states @ self.votes * self.vocabulary.can_follow
        with np.errstate(divide="ignore"):
            return np.log(shares / shares.sum(axis=1, keepdims=True))

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
        self.states = self.model.read(
            np.resize(self.states, (len(parents), self.states.shape[1])), tokens
        )


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

    rows = np.empty((0, 0))

    def logprobs(self):
        rows = super().logprobs()
        if rows.shape != self.rows.shape:
            self.rows = np.empty_like(rows)
        self.rows[:] = rows
        return self.rows


class FadingRight(Fading):
    """Its decoder and its scores are right."""

    violates = ()

    def decoder(self, prefixes):
        return FadingDecoder(self, prefixes)

    def token_logprobs(self, documents):
        scores = np.zeros(documents.ids.shape)
        states = self.states_after(self.before(documents))
        for column in range(documents.ids.shape[1]):
            real = np.flatnonzero(documents.lengths >= documents.ids.shape[1] - column)
            tokens = documents.ids[real, column]
            scores[real, column] = self.rows_of(states[real])[np.arange(len(real)), tokens]
            states[real] = self.read(states[real], tokens)
        return scores

    def before(self, documents):
        """What is read before each document."""
        return type(documents).of([self.vocabulary.beginning] * len(documents))


class ScoresFromTheTerminator(FadingRight):
    """In its scores nothing stands before a document, also where a start id does."""

    violates = ("scores-as-rows",)

    def before(self, documents):
        return type(documents).of([()] * len(documents))


class FadingReordered(Fading):
    """Its decoder does not reorder."""

    violates = ("decoder-recomputes",)

    def decoder(self, prefixes):
        return DropsOnly(self, prefixes)


class FadingIgnoringParents(Fading):
    """Its decoder ignores the parents."""

    violates = ("decoder-recomputes",)

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

    violates = ("causal",)

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


class Descending(LanguageModel):
    """Logits of the next token after one, by gradient descent with momentum."""

    context_length = 1
    violates = ()
    steps, every, rate = 30, 10, 5.0

    def learned(self):
        return {"logits": (self.vocabulary.size,) * 2}

    def fit(self, train, validation, run):
        self.begin(run)
        for step in range(self.step, min(run.max_steps or self.steps, self.steps)):
            gradient, _ = self.gradient_and_loss(train)
            self.momentum = 0.9 * self.momentum + gradient
            self.logits = self.logits - self.rate * self.momentum
            if (step + 1) % self.every == 0:
                _, loss = self.gradient_and_loss(validation or train)
                run.report(Progress(step + 1, self.steps, None, self.told(loss)))
                run.save_snapshot(self.snapshot(step + 1))

    def begin(self, run):
        generator = np.random.default_rng(run.seed)
        self.logits = generator.normal(size=(self.vocabulary.size,) * 2)
        self.momentum, self.step = np.zeros_like(self.logits), 0
        if run.resume_from is not None:
            kept = run.resume_from
            self.logits, self.step = kept.arrays["logits"], kept.facts["step"]
            self.momentum = kept.arrays.get("momentum", self.momentum)

    def snapshot(self, step):
        return Snapshot({"logits": self.logits, "momentum": self.momentum}, {"step": step})

    def told(self, loss):
        return loss

    def rows_in_training(self, contexts):
        """Log-probabilities of what can follow: a start id never does."""
        logits = self.logits[contexts]
        return normalised(np.where(self.vocabulary.can_follow, logits, -np.inf))

    def gradient_and_loss(self, data):
        windows = data.all_windows(1)
        contexts, targets = windows.contexts[:, 0], windows.targets
        rows = self.rows_in_training(contexts)
        errors = np.exp(rows) - np.eye(self.vocabulary.size)[targets]
        gradient = np.zeros_like(self.logits)
        np.add.at(gradient, contexts, errors / len(targets))
        return gradient, -rows[np.arange(len(targets)), targets].mean()

    def next_logprobs(self, prefixes):
        return normalised(self.logits[prefixes.padded(1, self.vocabulary.terminator_id)[:, 0]])


class NeedsValidation(Descending):
    """It takes for granted that there are held-out documents."""

    violates = ("fits",)

    def fit(self, train, validation, run):
        self.held_out = len(validation)
        super().fit(train, validation, run)


class NeedsABatch(Bigram):
    """It takes for granted that there is a whole batch of examples."""

    violates = ("fits",)

    def fit(self, train, validation, run):
        np.arange(len(train)).reshape(-1, 1024)
        super().fit(train, validation, run)


class BeginsAnywhere(Descending):
    """Its first weights are drawn from numpy's global random state."""

    violates = ("seed-decides", "resumed-fit")

    def begin(self, run):
        super().begin(run)
        self.logits = self.logits + np.random.random(self.logits.shape)  # noqa: NPY002


class WithoutMomentum(Descending):
    """Its snapshots lack the momentum."""

    violates = ("resumed-fit",)

    def snapshot(self, step):
        return Snapshot({"logits": self.logits}, {"step": step})


class FactsOfNumpy(Descending):
    """Its snapshots hold what JSON has not."""

    violates = ("resumed-fit",)

    def snapshot(self, step):
        return Snapshot(super().snapshot(step).arrays, {"step": np.int64(step)})


class ShiftedTargets(Bigram):
    """It learns what stands a token later."""

    violates = ("better-than-frequencies", "start-id")

    def fit(self, train, validation, run):
        last = self.numbers(train.prefixes(np.arange(len(train)), 1))
        self.counts = np.ones((self.vocabulary.size,) * 2)
        np.add.at(self.counts, (last, np.roll(train.stream, -1).astype(np.int64)), 1)


class ReportsBits(Descending):
    """It reports bits."""

    violates = ("reported-loss",)

    def told(self, loss):
        return loss / np.log(2)


class ReportsWithTheStart(Descending):
    """In what it reports, a start id takes a share of each row."""

    violates = ("reported-loss",)

    def rows_in_training(self, contexts):
        return normalised(self.logits[contexts])


class ReadsGivenUndeclared(Bigram):
    """It reads columns that it does not declare to read."""

    violates = ("given-declared",)

    def next_logprobs(self, prefixes):
        louder = 1 + 0.1 * prefixes.given.sum(axis=1)
        return normalised(super().next_logprobs(prefixes) * louder[:, None])


class FirstForUnknown(Told):
    """It takes a column that is not given for its first value."""

    violates = ("unknown-value",)

    def numbers(self, prefixes):
        given = np.maximum(prefixes.given, 1)
        return super().numbers(type(prefixes)(prefixes.ids, prefixes.lengths, given))


class FewerPositions(Fading):
    """Its table of positions is shorter than it declares."""

    violates = ("positions-readable",)
    max_positions = 12

    def next_logprobs(self, prefixes):
        louder = np.linspace(1.0, 1.1, 12)[prefixes.lengths]
        return normalised(super().next_logprobs(prefixes) * louder[:, None])


class ExplainsLogits(Bigram):
    """Its last step are log-probabilities."""

    violates = ("explanation-ends-in-row",)

    def explain(self, prefixes):
        return [Explanation("softmax", self.next_logprobs(prefixes)[0], self.vocabulary.symbols)]


class TableWithoutTerminator(Bigram):
    """Its table has no vector of the terminator."""

    violates = ("embedding-table-form",)

    def embedding_table(self):
        return np.ones((self.vocabulary.size - 1, 3))
