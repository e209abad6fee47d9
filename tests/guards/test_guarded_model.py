"""Models that break one clause of their contract each: the clause is told, the plugin named."""

from __future__ import annotations

import numpy as np
import pytest
from guarding import guarded_model, guarded_model_class, raised

from tokgen.errors import PluginError, RequestError
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api import (
    Dataset,
    Decoder,
    EncodedDocuments,
    Explanation,
    FitRun,
    GradientStep,
    LanguageModel,
    PluginOptions,
    Prefixes,
    Progress,
)

ROWS = Prefixes.of([[], [0], [1, 0], [0, 0, 1]])
EVEN = np.log(np.full((4, 3), 1 / 3))


class Sound(LanguageModel):
    """Whatever stood before, three tokens are equally probable."""

    batch_invariant = True
    context_length = None

    def learned(self):
        return {"counts": (3,)}

    def fit(self, train, validation, run):
        self.counts = np.ones(3)

    def next_logprobs(self, prefixes):
        return np.log(np.full((len(prefixes), 3), 1 / 3))


class OwnDecoder(Decoder):
    def __init__(self, rows=None):
        self.rows = rows

    def logprobs(self):
        return self.rows

    def advance(self, parents, tokens):
        self.rows = self.rows[parents]

    def join(self, prefixes):
        self.rows = np.concatenate([self.rows, self.rows[: len(prefixes)]])


def data():
    return Dataset(EncodedDocuments.of([[0, 1], [1]]), guarded_model(Sound).vocabulary)


def one_bad_row(number):
    rows = EVEN.copy()
    rows[2, 1] = number
    return rows


WRONG_ROWS = {
    "None": (None, "gives NoneType instead of an array"),
    "a list": (EVEN.tolist(), "gives list instead of an array"),
    "objects": (EVEN.astype(object), "gives an array of object"),
    "integers": (np.zeros((4, 3), int), "gives an array of int64"),
    "one row too few": (EVEN[:3], "gives the shape (3, 3) instead of (4, 3)"),
    "one row for all": (EVEN[:1], "gives the shape (1, 3) instead of (4, 3)"),
    "one symbol too few": (EVEN[:, :2], "gives the shape (4, 2) instead of (4, 3)"),
    "a flat row": (EVEN[0], "gives the shape (3,) instead of (4, 3)"),
    "another type": (EVEN.astype(np.float32), "gives float32 although its dtype is float64"),
    "twice as probable": (EVEN + np.log(2), "the probabilities of a row sum to 2, not to 1"),
    "a little too improbable": (EVEN - 2e-6, "sum to 0.999998, not to 1"),
    "impossible": (np.full((4, 3), -np.inf), "sum to 0, not to 1"),
    "NaN": (one_bad_row(np.nan), "a row holds NaN"),
    "infinite": (one_bad_row(np.inf), "a row holds +inf"),
}


@pytest.mark.parametrize("name", WRONG_ROWS)
@pytest.mark.parametrize("invariant", [True, False])
def test_wrong_rows(name, invariant):
    rows, said = WRONG_ROWS[name]

    class Mine(Sound):
        batch_invariant = invariant

        def next_logprobs(self, prefixes):
            # In tiles another number of rows is asked for: as many rows are missing then.
            if not isinstance(rows, np.ndarray) or rows.ndim != 2:
                return rows
            missing = 4 - len(rows)
            return np.resize(rows, (max(len(prefixes) - missing, 1), rows.shape[1]))

    alike = Prefixes.of([[0, 1]] * 4)
    if not invariant:
        said = said.replace("(4, ", "(24, ").replace("(3, 3)", "(23, 3)")
        said = said.replace("(1, 3)", "(21, 3)")
    raised(said, lambda: guarded_model(Mine).next_logprobs(alike))


@pytest.mark.parametrize("name", WRONG_ROWS)
def test_wrong_rows_of_a_decoder(name):
    rows, said = WRONG_ROWS[name]

    class Mine(Sound):
        def decoder(self, prefixes):
            return OwnDecoder(rows)

    decoder = guarded_model(Mine).decoder(ROWS)
    raised(said, decoder.logprobs)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-6), (np.float32, 1e-5)])
@pytest.mark.parametrize("size", [27, 5000])
def test_rows_are_sound_within_the_tolerance_of_their_type(dtype, tolerance, size):
    class Mine(Sound):
        def next_logprobs(self, prefixes):
            even = np.full((len(prefixes), size), np.log((1 + self.excess) / size))
            return even.astype(dtype)

    Mine.dtype = dtype
    model = guarded_model(Mine, size)
    for model.excess in (0, 0.5 * tolerance, -0.5 * tolerance):
        assert model.next_logprobs(ROWS).shape == (4, size)
    for model.excess in (2 * tolerance, -2 * tolerance):
        raised("not to 1", lambda: model.next_logprobs(ROWS))


@pytest.mark.parametrize("number", [np.nan, np.inf, 0.1])
def test_each_row_of_many_symbols_is_searched_for_what_is_no_log_probability(number):
    class Mine(Sound):
        def next_logprobs(self, prefixes):
            rows = np.full((len(prefixes), 5000), -np.log(5000))
            rows[3, 4321] = number
            return rows

    with pytest.raises(PluginError, match=r"holds NaN|holds .inf|sum to 2\.1"):
        guarded_model(Mine, 5000).next_logprobs(ROWS)


def test_minus_infinity_is_a_log_probability():
    class Mine(Sound):
        def next_logprobs(self, prefixes):
            return np.repeat([[0, -np.inf, -np.inf]], len(prefixes), axis=0)

    assert (guarded_model(Mine).next_logprobs(ROWS)[:, 0] == 0).all()


def writing(prefixes):
    prefixes.ids[:] = 0


def lengthening(prefixes):
    prefixes.lengths += 1


@pytest.mark.parametrize("write", [writing, lengthening])
@pytest.mark.parametrize(
    "method", ["next_logprobs", "decoder", "token_logprobs", "state_keys", "explain"]
)
def test_what_a_model_is_given_is_read_only(method, write):
    def writes(self, prefixes):
        write(prefixes)

    model = guarded_model(type("Mine", (Sound,), {method: writes, "context_length": 3}))
    ids, lengths = ROWS.ids.copy(), ROWS.lengths.copy()
    raised(f"failed in {method}: ValueError", lambda: getattr(model, method)(ROWS))
    np.testing.assert_array_equal(ROWS.ids, ids)
    np.testing.assert_array_equal(ROWS.lengths, lengths)


@pytest.mark.parametrize("name", ["stream", "starts", "lengths", "given"])
def test_what_a_model_learns_from_is_read_only(name):
    def fit(self, train, validation, run):
        getattr(train, name)[...] = 0

    model = guarded_model(type("Mine", (Sound,), {"fit": fit}))
    raised("failed in fit: ValueError", lambda: model.fit(data(), None, FitRun()))


def test_what_a_decoder_is_given_is_read_only():
    class Writing(OwnDecoder):
        def advance(self, parents, tokens):
            tokens += 1

        def join(self, prefixes):
            prefixes.given += 1

    class Mine(Sound):
        def decoder(self, prefixes):
            return Writing(EVEN)

    decoder = guarded_model(Mine).decoder(ROWS)
    raised("its decoder's advance: ValueError", lambda: decoder.advance(np.arange(4), np.arange(4)))
    raised("its decoder's join: ValueError", lambda: decoder.join(Prefixes.of([[]], (1,))))


def test_a_guarded_decoder_counts_its_rows_and_its_copy_goes_on_by_itself():
    class Mine(Sound):
        def decoder(self, prefixes):
            return OwnDecoder(EVEN)

    decoder = guarded_model(Mine).decoder(ROWS)
    copied = decoder.copy()
    decoder.advance(np.array([3, 3]), np.array([0, 1]))
    assert decoder.logprobs().shape == (2, 3)
    assert copied.logprobs().shape == (4, 3)
    decoder.join(ROWS.select(np.array([0])))
    assert decoder.logprobs().shape == (3, 3)


def never(*arguments):
    return [][99]


CALLS = {
    "learned": lambda model: model.learned(),
    "fit": lambda model: model.fit(data(), None, FitRun()),
    "prepare": lambda model: model.prepare(),
    "arrays": lambda model: model.arrays(),
    "next_logprobs": lambda model: model.next_logprobs(ROWS),
    "token_logprobs": lambda model: model.token_logprobs(ROWS),
    "embedding_table": lambda model: model.embedding_table(),
    "state_keys": lambda model: model.state_keys(ROWS),
    "explain": lambda model: model.explain(ROWS),
    "gradient_step": lambda model: model.gradient_step(ROWS, 0, 0.1),
    "decoder": lambda model: model.decoder(ROWS),
    "its decoder's logprobs": lambda model: model.decoder(ROWS).logprobs(),
    "its decoder's copy": lambda model: model.decoder(ROWS).copy(),
}


@pytest.mark.parametrize("call", CALLS)
def test_whatever_call_fails_is_named(call):
    method = call.removeprefix("its decoder's ")
    if method == call:
        model = guarded_model(type("Mine", (Sound,), {method: never}))
    else:
        broken = type("Broken", (OwnDecoder,), {method: never})
        model = guarded_model(type("Mine", (Sound,), {"decoder": lambda self, _: broken()}))
    raised(f"failed in {call}: IndexError: list index out of range.", lambda: CALLS[call](model))


def test_the_constructor_and_class_methods_are_named():
    class Mine(Sound):
        __init__ = never
        initial = classmethod(never)

    raised("failed in its constructor: IndexError", lambda: guarded_model(Mine))
    mine = guarded_model_class(type("Begun", (Sound,), {"initial": classmethod(never)}))
    raised("failed in initial: IndexError", lambda: mine.initial(None, None, 0))


def test_what_tokgen_tells_already_passes_through():
    def refuses(self, prefixes):
        raise RequestError("not this one")

    model = guarded_model(type("Mine", (Sound,), {"next_logprobs": refuses}))
    with pytest.raises(RequestError, match=r"^not this one$"):
        model.next_logprobs(ROWS)

    def interrupted(self, prefixes):
        raise KeyboardInterrupt

    model = guarded_model(type("Mine", (Sound,), {"next_logprobs": interrupted}))
    with pytest.raises(KeyboardInterrupt):
        model.next_logprobs(ROWS)


def test_a_model_that_ends_the_process_is_named():
    def exits(self, prefixes):
        raise SystemExit(0)

    model = guarded_model(type("Mine", (Sound,), {"next_logprobs": exits}))
    raised("next_logprobs: SystemExit: 0", lambda: model.next_logprobs(ROWS))


def test_a_failure_of_the_core_inside_a_fit_is_not_the_plugins():
    class Mine(Sound):
        def fit(self, train, validation, run):
            super().fit(train, validation, run)
            run.report(Progress(1, 1, None))

    def full(progress):
        raise BrokenPipeError

    mine = guarded_model_class(Mine)
    with pytest.raises(BrokenPipeError):
        mine.fitted(PluginOptions(), data().vocabulary, data(), None, FitRun(report=full))


NOT_LEARNT = {
    "not set": ({"fit": lambda *_: None}, "failed in fit: it does not set 'counts'"),
    "another shape": ({"learned": lambda _: {"counts": (4,)}}, "the shape (3,), not (4,)"),
    "not a table": ({"learned": lambda _: ["counts"]}, "gives list instead of names and shapes"),
    "no shape": ({"learned": lambda _: {"counts": 3}}, "gives 3 as the shape of 'counts'"),
    "lacking in arrays": ({"arrays": lambda _: {}}, "tensor 'counts' is missing"),
    "objects": ({"arrays": lambda _: {"counts": np.array([{}])}}, "no array of numbers"),
    "a list": (
        {"arrays": lambda _: {"counts": [1, 1, 1]}},
        "'counts' is no array of numbers",
    ),
    "no names": ({"arrays": lambda _: [np.ones(3)]}, "something else than a dict of names"),
    "NaN": ({"arrays": lambda _: {"counts": np.full(3, np.nan)}}, "is not finite"),
    "context_length": ({"context_length": 2.5}, "its context_length is 2.5"),
    "dtype": ({"dtype": np.float16}, "neither float64 nor float32"),
}


@pytest.mark.parametrize("name", NOT_LEARNT)
def test_what_is_learnt_is_what_is_said(name):
    changed, said = NOT_LEARNT[name]
    mine = guarded_model_class(type("Mine", (Sound,), changed))
    raised(said, lambda: mine.fitted(PluginOptions(), data().vocabulary, data(), None, FitRun()))


def giving(thing):
    return lambda *_: thing


BESIDE_ROWS = {
    "scores of another shape": ("token_logprobs", np.zeros((4, 2)), "gives the shape (4, 2)"),
    "scores above 0": ("token_logprobs", np.full((4, 3), 0.1), "NaN or above 0"),
    "scores of NaN": ("token_logprobs", np.full((4, 3), np.nan), "NaN or above 0"),
    "a table of one size": ("embedding_table", np.zeros(3), "gives the shape (3,)"),
    "a table of two symbols": ("embedding_table", np.zeros((2, 5)), "instead of (3, 5)"),
    "a table with a hole": ("embedding_table", np.full((3, 5), np.nan), "not finite"),
    "a text as step": ("gradient_step", "down", "something else than a GradientStep"),
    "a step of no model": (
        "gradient_step",
        GradientStep(np.zeros(3), None),
        "something else than a GradientStep",
    ),
    "a gradient of two logits": (
        "gradient_step",
        GradientStep(np.zeros(2), Sound(PluginOptions(), guarded_model(Sound).vocabulary)),
        "gives the shape (2,)",
    ),
    "negative keys": ("state_keys", np.full((4, 1), -1), "a key that is not from 0 to 4"),
    "large keys": ("state_keys", np.full((4, 1), 5), "a key that is not from 0 to 4"),
    "keys with fractions": ("state_keys", np.zeros((4, 1)), "no matrix of integers"),
    "keys of three": ("state_keys", np.zeros((3, 1), int), "keys of 3 prefixes instead of 4"),
    "a text as explanation": ("explain", ["softmax"], "something else than a list of Explanation"),
    "a text in one": ("explain", [Explanation("softmax", np.array(["a"]))], "no array of numbers"),
    "a cube in one": ("explain", [Explanation("cube", np.zeros((1, 1, 1)))], "has 3 dimensions"),
    "too few labels": (
        "explain",
        [Explanation("softmax", np.zeros(3), ("a", "b"))],
        "has 2 labels for 3 rows",
    ),
    "labels of columns that are not there": (
        "explain",
        [Explanation("softmax", np.zeros(3), columns=("a",))],
        "has 1 label for 0 columns",
    ),
    "no decoder": ("decoder", 3, "gives int instead of a Decoder"),
}


@pytest.mark.parametrize("name", BESIDE_ROWS)
def test_what_a_model_gives_beside_its_rows(name):
    method, thing, said = BESIDE_ROWS[name]
    model = guarded_model(type("Mine", (Sound,), {method: giving(thing), "context_length": 3}))
    raised(said, lambda: CALLS[method](model))


def test_left_of_a_document_a_score_may_be_anything():
    scored = np.full((4, 3), np.nan)
    scored[np.arange(3) >= 3 - ROWS.lengths[:, None]] = -1.0
    model = guarded_model(type("Mine", (Sound,), {"token_logprobs": giving(scored)}))
    assert model.token_logprobs(ROWS) is scored


def test_an_author_who_names_the_class_instead_of_cls_gets_a_guarded_model():
    class Mine(Sound):
        @classmethod
        def initial(cls, options, vocabulary, seed):
            return Mine(options, vocabulary)

    guarded = guarded_model_class(Mine)
    assert type(guarded.initial(PluginOptions(), data().vocabulary, 0)) is guarded
    wrong = guarded_model_class(type("Wrong", (Sound,), {"initial": giving(Sound)}))
    raised("gives ABCMeta instead of an instance", lambda: wrong.initial(None, None, 0))


def test_growth_and_sampler_chain_take_rows_through_the_guard():
    def doubled(self, prefixes):
        return np.log(np.full((len(prefixes), 3), 2 / 3))

    model = guarded_model(type("Mine", (Sound,), {"next_logprobs": doubled}))
    growth = Growth.begin(model, SamplerChain(), Beginning())
    raised("sum to 2", lambda: growth.rows)
