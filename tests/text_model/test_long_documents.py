"""Texts of thousands of characters: no condition is broken, none is passed over, none is cut."""

from __future__ import annotations

import math
import random

import pytest
from running import tokgen as run

import tokgen
from tokgen.exact.conditions import Conditions
from tokgen.exact.longest import TooLongError
from tokgen.text_model import line_stream
from tokgen.text_model.analysis import analyze
from tokgen.text_model.generation_request import GenerationRequest

SUFFIX = Conditions(suffix="gat")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A bigram of lines of 3,000 letters, so that every fourth text has more than 4,096."""
    folder, letters = tmp_path_factory.mktemp("long"), random.Random(1)
    lines = ["".join(letters.choices("acgt", k=3000)) for _ in range(40)]
    corpus, checkpoint = folder / "letters.txt", folder / "letters.safetensors"
    corpus.write_text("\n".join(lines), encoding="utf-8")
    options = ("--model", "ngram", "-o", "order=2", "--output", checkpoint)
    trained = run("train", "--corpus", corpus, *options)
    assert trained.code == 0, trained.err
    return tokgen.load(checkpoint=str(checkpoint))


def lines_of(model, count, **asked):
    return b"".join(model.generation(GenerationRequest(count, **asked)).lines()).decode()


def test_every_text_fulfils_its_condition_by_both_ways(model):
    texts = [each.text for each in model.generate(60, seed=1, conditions=SUFFIX)]
    assert max(map(len, texts)) > 4096
    assert all(text.endswith("gat") for text in texts)
    assert lines_of(model, 60, seed=1, conditions=SUFFIX).splitlines() == texts


def test_as_many_different_texts_come_as_are_asked_for(model):
    found = list(model.generate(20, seed=2, unique=True))
    assert len({each.text for each in found}) == 20
    assert max(len(each.text) for each in found) > 4096
    for each, score in zip(found[:3], model.score_all([e.text for e in found[:3]]), strict=True):
        assert each.logprob == pytest.approx(score.logprob)


def test_chunks_are_smaller_where_texts_are_long(monkeypatch):
    monkeypatch.setattr(line_stream, "FIRST_DOCUMENTS", 5)
    monkeypatch.setattr(line_stream, "BYTES_AT_ONCE", 100)

    def lines(sequences):
        return b"".join(b"%9d\n" % number for number in sequences.tolist())

    chunks = list(line_stream.in_chunks(lines, 42, at_once=1000, workers=2))
    assert list(map(len, chunks)) == [50, 100, 100, 100, 70]
    assert b"".join(chunks).split() == [b"%d" % number for number in range(42)]


def test_a_line_that_does_not_end_is_refused(model, monkeypatch):
    monkeypatch.setattr(line_stream, "LONGEST_DRAWN", 100)
    with pytest.raises(TooLongError, match="has not ended after 100 tokens"):
        lines_of(model, 10, seed=1, conditions=SUFFIX)


def test_figures_of_long_texts(model):
    figures = analyze(model, model.source())
    assert figures["never_ending"] == 0
    assert figures["expected_length"] == pytest.approx(3000, rel=0.2)
    assert math.fsum(figures["lengths"].values()) + figures["longer"] == pytest.approx(1)
