"""A kept cache says what reading anew says, and equal prefixes get equal bits in every batch."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from bits import assert_a_row_is_its_own
from hypothesis import given, settings
from hypothesis import strategies as st
from sequence_networks import Attention, CharLSTM, CharRNN, Forgetful, Normed, SingleRNN, ToldRNN
from tokgen_models.recurrent_network import TorchGRU

from tokgen.plugin_api.decoder import RecomputingDecoder
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.torch.cached_decoder import CachedDecoder
from tokgen.plugin_api.vocabulary import Vocabulary

pytestmark = pytest.mark.slow

SYMBOLS = ("-", "^", "a", "b", "c")
VOCABULARIES = {
    "start id": Vocabulary(SYMBOLS, terminator_id=0, start_id=1),
    "no start id": Vocabulary(SYMBOLS, terminator_id=0),
    "columns": Vocabulary(SYMBOLS, terminator_id=0).with_columns({"colour": ("red", "blue")}),
}
CACHED = [CharRNN, CharLSTM, Attention, TorchGRU]
SMALL_GRU = {"hidden": 13, "embedding": 3}


@cache
def model_of(kind, vocabulary):
    options = kind.Options(**SMALL_GRU) if kind is TorchGRU else kind.Options()
    return kind.initial(options, VOCABULARIES[vocabulary], seed=3)


def read_alone(model, prefix, told):
    """The module's own answer to the whole prefix, in one call without a cache."""
    first = () if model.vocabulary.start_id is not None else (model.vocabulary.terminator_id,)
    more = {"given": torch.tensor([told])} if model.reads_given else {}
    with torch.inference_mode():
        logits, _ = model(torch.tensor([[*first, *prefix]]), **more)
    last = logits[0, -1].clone()
    last[list(model.vocabulary.beginning)] = -torch.inf
    return torch.log_softmax(last, dim=-1).numpy()


tokens = st.integers(0, len(SYMBOLS) - 1)


@pytest.mark.parametrize(
    ("kind", "vocabulary"),
    [(ToldRNN, "columns")]
    + [(kind, name) for kind in CACHED for name in ("start id", "no start id")],
)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_cache_equals_reading_anew(kind, vocabulary, data):
    model = model_of(kind, vocabulary)

    def some_rows():
        told = tuple(data.draw(st.integers(0, 2)) for _ in model.vocabulary.columns)
        drawn = data.draw(st.lists(st.lists(tokens, max_size=4), max_size=4))
        begun = [[*model.vocabulary.beginning, *row] for row in drawn]
        return [(row, told) for row in begun], Prefixes.of(begun, told)

    rows, prefixes = some_rows()
    decoder = model.decoder(prefixes)
    for _ in range(data.draw(st.integers(0, 4))):
        if data.draw(st.booleans()):
            before, (more, prefixes) = decoder.copy(), some_rows()
            decoder.join(prefixes)
            assert len(before.logprobs()) == len(rows)
            rows += more
        row_numbers = st.integers(0, len(rows) - 1)
        parents = data.draw(st.lists(row_numbers, max_size=6)) if rows else []
        added = data.draw(st.lists(tokens, min_size=len(parents), max_size=len(parents)))
        decoder.advance(np.array(parents, np.int64), np.array(added, np.int64))
        rows = [
            ([*rows[parent][0], token], rows[parent][1])
            for parent, token in zip(parents, added, strict=True)
        ]
        assert decoder.logprobs().shape == (len(rows), len(SYMBOLS))
        for logprobs, (row, told) in zip(decoder.logprobs(), rows, strict=True):
            np.testing.assert_allclose(logprobs, read_alone(model, row, told), atol=1e-9)


@pytest.mark.parametrize("vocabulary", ["start id", "no start id"])
@pytest.mark.parametrize("kind", [*CACHED, Forgetful, SingleRNN])
def test_every_way_of_reading_agrees(kind, vocabulary):
    model = model_of(kind, vocabulary)
    begun = list(model.vocabulary.beginning)
    rows = [[], [2], [2, 3, 4], [3, 3, 2, 4], [4, 2, 3, 3]]
    prefixes = Prefixes.of([[*begun, *row] for row in rows])
    seen = model.next_logprobs(prefixes)
    assert seen.dtype == model.dtype
    tolerance = 1e-5 if model.dtype is np.float32 else 1e-10
    np.testing.assert_allclose(np.exp(seen).sum(axis=1), 1, atol=tolerance)
    np.testing.assert_allclose(model.decoder(prefixes).logprobs(), seen, atol=tolerance)
    documents = Prefixes.of([[*row, 0] for row in rows])
    scored = model.token_logprobs(documents)
    width = documents.ids.shape[1]
    for row, logprobs in zip(rows, scored, strict=True):
        for place, token in enumerate([*row, 0]):
            alone = model.next_logprobs(Prefixes.of([[*begun, *row[:place]]]))[0, token]
            assert logprobs[width - len(row) - 1 + place] == pytest.approx(alone, abs=tolerance)


@pytest.mark.parametrize(
    ("kind", "decoder"),
    [(CharRNN, CachedDecoder), (Forgetful, RecomputingDecoder), (Normed, RecomputingDecoder)],
)
def test_a_module_without_a_cache_is_asked_anew(kind, decoder):
    assert type(model_of(kind, "start id").decoder(Prefixes.of([[1]]))) is decoder


@pytest.mark.parametrize("kind", [Normed, CharRNN, Forgetful])
def test_what_stands_left_of_a_beginning_changes_nothing(kind):
    model = model_of(kind, "no start id")
    tidy = Prefixes.of([[], [2], [3, 2], [4, 3, 2]])
    outside = np.arange(3) < 3 - tidy.lengths[:, None]
    untidy = Prefixes(np.where(outside, 4, tidy.ids), tidy.lengths, tidy.given)
    np.testing.assert_array_equal(model.next_logprobs(untidy), model.next_logprobs(tidy))
    np.testing.assert_array_equal(model.decoder(untidy).logprobs(), model.next_logprobs(tidy))


# Bits


@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
@pytest.mark.parametrize("kind", [CharRNN, CharLSTM, Attention, TorchGRU, SingleRNN])
def test_equal_prefixes_get_equal_bits_in_every_batch(kind, batch):
    assert_a_row_is_its_own(model_of(kind, "no start id"), batch)


@pytest.mark.parametrize("kind", [Normed, Forgetful])
def test_so_do_those_that_are_read_anew(kind):
    model = model_of(kind, "no start id")
    random = np.random.default_rng(0)
    rows = [random.integers(0, 5, length).tolist() for length in random.integers(0, 7, 500)]
    prefixes = Prefixes.of(rows)
    logprobs = model.next_logprobs(prefixes)
    for place in range(0, 500, 13):
        alone = model.next_logprobs(prefixes.select(np.array([place])))
        np.testing.assert_array_equal(logprobs[place], alone[0])


BITS = """
import hashlib, sys
import numpy as np
from sequence_networks import Attention, CharLSTM, Normed
from models import symbols
from tokgen_models.gru import GRU
from tokgen_models.mlp import MLP
from tokgen.plugin_api.prefixes import Prefixes
random = np.random.default_rng(0)
rows = [random.integers(0, 28, length).tolist() for length in random.integers(0, 6, 700)]
plain = symbols(29)
# A product of an odd number of rows is parted among threads in another way.
told = symbols(97).with_columns({"city": tuple(map(str, range(60)))})
for kind, options, vocabulary in [
    (Attention, {"width": 96}, plain), (CharLSTM, {"width": 131}, plain),
    (Normed, {"width": 300}, plain), (GRU, {"hidden": 256}, plain),
    (MLP, {"hidden": 256, "layers": 2}, plain),
    (MLP, {"context": 5, "embedding": 96}, told),
]:
    model = kind.initial(kind.Options(**options), vocabulary, 1)
    given = (7,) * len(vocabulary.columns)
    decoder = model.decoder(Prefixes.of(rows, given))
    decoder.advance(np.arange(699, -1, -1), np.arange(700) % 29)
    print(hashlib.sha256(decoder.logprobs().tobytes()).hexdigest())
"""


@pytest.mark.parametrize("threads", ["1", "2", "3"])
def test_no_number_of_threads_changes_a_bit(threads, monkeypatch, bits_of_this_process):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert bits_in_a_new_process() == bits_of_this_process


@pytest.fixture(scope="module")
def bits_of_this_process():
    return bits_in_a_new_process()


def bits_in_a_new_process():
    paths = [str(Path(__file__).parents[2]), *sys.path]
    script = f"import sys; sys.path[:0] = {paths!r}\n{BITS}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
