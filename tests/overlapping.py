"""A tokenizer whose tokens overlap, so that a text has several spellings, and models of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from models import TableModel
from small_tokenizers import PieceTokenizer

from tokgen.arrays import normalised
from tokgen.errors import RequestError
from tokgen.plugin_api import Decoder, LanguageModel, PluginOptions
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_request import ModelRequest

LETTERS, MERGED = "aehlmrs", ("sh", "esh", "la")


class Overlapping(PieceTokenizer):
    """Seven letters, and `sh`, `esh` and `la`; behind them a start id, where one is asked for."""

    def __init__(self, *, started=False):
        pieces = [symbol.encode() for symbol in (*LETTERS, *MERGED)]
        super().__init__(pieces, started=started)


class Recurrent(LanguageModel):
    """An Elman network with random weights; it counts how many tokens its decoders read."""

    context_length = None
    batch_invariant = False

    def __init__(self, vocabulary, seed=0, width=6):
        super().__init__(PluginOptions(), vocabulary)
        random = np.random.default_rng(seed)
        self.inputs = random.normal(size=(vocabulary.size, width))
        self.recurrent = random.normal(size=(width, width)) / 2
        self.output = random.normal(size=(width, vocabulary.size))
        self.read = 0

    def fit(self, train, validation, run):
        raise NotImplementedError

    def learned(self):
        return {}

    def step(self, states, tokens):
        # A row at a time: matrix products of different sizes round differently.
        rows = [state @ self.recurrent for state in states]
        return np.tanh(np.array(rows).reshape(states.shape) + self.inputs[tokens])

    def states(self, prefixes):
        states = np.zeros((len(prefixes), len(self.recurrent)))
        for row in range(len(prefixes)):
            for token in prefixes[row]:
                states[row : row + 1] = self.step(states[row : row + 1], [token])
        return states

    def logprobs(self, states):
        rows = [state @ self.output for state in states]
        logits = np.array(rows).reshape(len(states), self.vocabulary.size)
        return normalised(np.where(self.vocabulary.can_follow, logits, -np.inf))

    def next_logprobs(self, prefixes):
        return self.logprobs(self.states(prefixes))

    def decoder(self, prefixes):
        self.read += int(prefixes.lengths.sum())
        return RecurrentDecoder(self, self.states(prefixes))


class RecurrentDecoder(Decoder):
    def __init__(self, model, states):
        self.model, self.states = model, states

    def logprobs(self):
        return self.model.logprobs(self.states)

    def advance(self, parents, tokens):
        self.model.read += len(tokens)
        self.states = self.model.step(self.states[parents], tokens)

    def join(self, prefixes):
        self.states = np.concatenate([self.states, self.model.states(prefixes)])


def table_model(tokenizer, seed=0, context=2):
    """A model of two tokens of context; a terminator that is not too rare."""
    table = np.exp(TableModel.random(tokenizer.vocabulary.size, context, seed).table)
    table[:, -1] += 0.2
    return TableModel.of_weights(table, context, tokenizer.vocabulary)


def text_model(model, tokenizer):
    """A model that speaks text and whose corpus is nowhere."""
    metadata = SimpleNamespace(
        model=SimpleNamespace(name="small"),
        corpus=SimpleNamespace(name="nowhere", where={}, fingerprint="0" * 64, column=None),
    )
    return TextModel(
        SimpleNamespace(model=model, tokenizer=tokenizer, metadata=metadata, save=_refuse_to_save)
    )


def _refuse_to_save(path):
    raise RequestError(f"This model has no recipe, so it cannot be written to {path}.")


def session_of(model, chain, seed=3, **more):
    """A session with a text model and a chain."""

    def no_other(request):
        raise RequestError("There is no other model.")

    return Session(State(model, Settings(seed, chain), ModelRequest(), no_other), **more)


_PLAIN, _BEGUN = Overlapping(), Overlapping(started=True)
MODELS = {
    "table": text_model(table_model(_PLAIN, 1), _PLAIN),
    "recurrent": text_model(Recurrent(_PLAIN.vocabulary, 1), _PLAIN),
    "table, start id": text_model(table_model(_BEGUN, 1), _BEGUN),
    "recurrent, start id": text_model(Recurrent(_BEGUN.vocabulary, 1), _BEGUN),
}
