"""Small plugins, each of which needs one thing of the types that tokgen's own do not use.

They are registered by the fixture `small_plugins`, as an installed distribution's are.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np

from tokgen.plugin_api import (
    Field,
    LanguageModel,
    PluginOptions,
    Progress,
    RequestError,
    Snapshot,
    Tokenizer,
    all_texts_are_nfc,
    normalised,
    terminator_symbol,
)

ENTRY_POINTS = {
    "tokenizers": {"started": "small_plugins:Started", "pairs": "small_plugins:Pairs"},
    "models": {
        "bigram": "small_plugins:Bigram",
        "told": "small_plugins:Told",
        "single": "small_plugins:Single",
        "blend": "small_plugins:Mixture",
        "told-blend": "small_plugins:ToldMixture",
        "forgetful": "small_plugins:Forgetful",
        "broken": "small_plugins:Broken",
        "stopped": "small_plugins:Stopped",
        "stepwise": "small_plugins:Stepwise",
        "positions": "small_networks:Positions",
        "told-network": "small_networks:ToldNetwork",
        "louder": "small_networks:Louder",
        "network": "small_networks:Network",
    },
}


def check_known(text, units):
    for position, character in enumerate(text, start=1):
        if character not in units:
            raise RequestError(f"The character {character!r} at position {position} is unknown.")


def check_nfc(characters):
    if not all_texts_are_nfc(characters):
        raise RequestError("Some of the characters compose.")


class Started(Tokenizer):
    """Characters behind a start id."""

    terminator_id, start_id = 0, 1

    def __init__(self, characters):
        self.characters = characters
        self.symbols = (terminator_symbol(characters), "^", *characters)

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        return cls(characters)

    def encode(self, text):
        check_known(text, self.characters)
        return [2 + self.characters.index(character) for character in text]

    def pieces(self):
        return [b"", b"", *(character.encode() for character in self.characters)]

    def to_json(self):
        return {"characters": self.characters}

    @classmethod
    def from_json(cls, state):
        match state:
            case {"characters": str(characters)}:
                return cls(characters)
        raise ValueError("the characters are no text")


class Pairs(Tokenizer):
    """Characters and the pairs that are most frequent; it keeps what it was fitted on."""

    terminator_id = 0

    class Options(PluginOptions):
        """Options of `pairs`."""

        count: int = Field(default=1, ge=0, description="how many pairs")
        most: int = Field(default=9, ge=1, description="most of a kind")

    def __init__(self, units, seen):
        self.units, self.seen = units, seen
        self.symbols = (terminator_symbol(units), *units)

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        pairs = Counter(a + b for text in documents for a, b in pairwise(text))
        frequent = sorted(pairs, key=lambda pair: (-pairs[pair], pair))[: options.count]
        return cls([*characters, *frequent], {"documents": [*documents], "characters": characters})

    def encode(self, text):
        check_known(text, self.units)
        ids, place = [], 0
        while place < len(text):
            unit = text[place : place + 2]
            unit = unit if unit in self.units else text[place]
            ids.append(1 + self.units.index(unit))
            place += len(unit)
        return ids

    def pieces(self):
        return [b"", *(unit.encode() for unit in self.units)]

    def to_json(self):
        return {"units": self.units, "seen": self.seen}

    @classmethod
    def from_json(cls, state):
        match state:
            case {"units": list(units), "seen": dict(seen)}:
                return cls(units, seen)
        raise ValueError("the units are no list, or what was seen is no table")


class Bigram(LanguageModel):
    """Counts of pairs, each one too high."""

    context_length = 1
    batch_invariant = True

    def learned(self):
        return {"counts": None}

    def numbers(self, prefixes):
        """The row of counts (B,) that a prefix is looked up in."""
        return prefixes.padded(1, self.vocabulary.terminator_id)[:, 0]

    def fit(self, train, validation, run):
        prefixes = train.prefixes(np.arange(len(train)), 1)
        numbers, size = self.numbers(prefixes), self.vocabulary.size
        self.counts = np.ones((numbers.max() + 1, size))
        np.add.at(self.counts, (numbers, train.stream.astype(np.int64)), 1)

    def next_logprobs(self, prefixes):
        numbers = self.numbers(prefixes)
        known = np.minimum(numbers, len(self.counts) - 1)
        counts = np.where((numbers < len(self.counts))[:, None], self.counts[known], 1.0)
        return normalised(np.where(self.vocabulary.can_follow, np.log(counts), -np.inf))


class Told(Bigram):
    """A bigram for each combination of the columns' values."""

    reads_given = True

    def numbers(self, prefixes):
        numbers = np.zeros(len(prefixes), np.int64)
        sizes = [len(values) + 1 for values in self.vocabulary.columns.values()]
        assert prefixes.given.shape == (len(prefixes), len(sizes))
        for column, size in zip(prefixes.given.T, sizes, strict=True):
            numbers = numbers * size + column
        return numbers * self.vocabulary.size + super().numbers(prefixes)


class Single(Bigram):
    """A bigram in single precision."""

    dtype = np.float32

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        self.counts = self.counts.astype(np.float32)

    def next_logprobs(self, prefixes):
        return super().next_logprobs(prefixes).astype(np.float32)


class Mixture(LanguageModel):
    """Models side by side, their weights by expectation-maximisation on the held-out documents."""

    class Options(PluginOptions):
        """Options of `blend`."""

        parts: tuple[str, ...] = Field(description="models or checkpoints")
        rounds: int = Field(default=5, ge=1, description="of expectation-maximisation")

    @property
    def context_length(self):
        lengths = [part.context_length for part in self.parts.values()]
        return None if None in lengths else max(lengths)

    def learned(self):
        return {"weights": (len(self.parts),)}

    def fit(self, train, validation, run):
        data = validation or train
        documents, _ = next(data.batches_of_documents(len(data)))
        rows = [
            ([*self.vocabulary.beginning, *documents[row][:place]], documents[row][place])
            for row in range(len(documents))
            for place in range(int(documents.lengths[row]))
        ]
        targets = np.array([token for _, token in rows])
        prefixes = type(documents).of([ids for ids, _ in rows], self.vocabulary.nothing_given)
        of_parts = np.array(
            [
                np.exp(part.next_logprobs(prefixes.last(part.context_length)))[
                    np.arange(len(rows)), targets
                ]
                for part in self.parts.values()
            ]
        )
        self.weights = np.full(len(self.parts), 1 / len(self.parts))
        for _ in range(self.options.rounds):
            shares = self.weights[:, None] * of_parts
            self.weights = (shares / shares.sum(axis=0)).mean(axis=1)

    def next_logprobs(self, prefixes):
        parts = [
            part.next_logprobs(prefixes.last(part.context_length)) for part in self.parts.values()
        ]
        return np.logaddexp.reduce(np.array(parts) + np.log(self.weights)[:, None, None])


class ToldMixture(Mixture):
    """A mixture of which some parts may read columns."""

    reads_given = True


class Forgetful(Bigram):
    """It learns a temperature that `learned` does not name."""

    temperature = 1.0

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        self.temperature = 2.0

    def next_logprobs(self, prefixes):
        logits = super().next_logprobs(prefixes) / self.temperature
        return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


class Broken(Bigram):
    """Whatever its option says is wrong with it."""

    class Options(PluginOptions):
        """Options of `broken`."""

        how: str = Field(description="nan, zero, weight, array, load or changed")

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        if self.options.how == "weight":
            self.counts[0, 0] = np.nan

    def next_logprobs(self, prefixes):
        rows = super().next_logprobs(prefixes)
        if self.options.how == "zero":
            rows[:, :] = -np.inf
            rows[:, 0] = 0.0
        return rows * np.nan if self.options.how == "nan" else rows

    def arrays(self):
        if self.options.how == "array":
            return {"counts": np.array([{}, []], dtype=object)}
        return super().arrays()

    def take_arrays(self, arrays):
        if self.options.how == "load":
            raise ValueError("these are not my counts")
        changed = 1.0 if self.options.how == "changed" else 0.0
        super().take_arrays({name: array + changed for name, array in arrays.items()})


class Stopped(Bigram):
    """A fit that Ctrl-C ends after some evaluations, in a fit of 9 steps."""

    class Options(PluginOptions):
        """Options of `stopped`."""

        evaluated: int = Field(default=0, ge=0, description="evaluations before it")
        kept: bool = Field(default=False, description="a snapshot after each")

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        for step in range(1, self.options.evaluated + 1):
            run.report(Progress(step, 9, 1.0, None if validation is None else 1.0))
            if self.options.kept:
                run.save_snapshot(Snapshot())
        if run.max_steps is None and self.options.evaluated < 9:
            run.report(Progress(self.options.evaluated, 9, None, interrupted=True))


class Stepwise(Bigram):
    """A fit in steps, each of which is measured and kept; Ctrl-C ends it early."""

    class Options(PluginOptions):
        """Options of `stepwise`."""

        steps: int = Field(default=10, ge=1, description="how many")

    def fit(self, train, validation, run):
        super().fit(train, validation, run)
        step_of_counts, done = self.counts / self.options.steps, 0
        self.counts = np.zeros_like(self.counts)
        if run.resume_from is not None:
            self.counts = run.resume_from.arrays["counts"].copy()
            done = run.resume_from.facts["done"]
        step = done
        try:
            for step in range(done + 1, self.options.steps + 1):
                self.counts = self.counts + step_of_counts
                run.report(Progress(step, self.options.steps, 1.0))
                run.save_snapshot(Snapshot({"counts": self.counts}, {"done": step}))
        except KeyboardInterrupt:
            run.report(Progress(step, self.options.steps, None, interrupted=True))
