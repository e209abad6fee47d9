"""Long work stops where it looks whether anybody waits, and leaves nothing behind that is wrong."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from overlapping import MODELS

import tokgen
from tokgen.exact.conditions import Conditions
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.stopping import may_stop, stopped_by
from tokgen.text_model.analysis import analyze
from tokgen.text_model.generation_request import GenerationRequest

PLACES = 6


class Stop(BaseException):
    """What ends the work; nothing catches it that catches errors."""


def looks_of(work):
    """How often some work looks."""
    looks = []
    with stopped_by(lambda: looks.append(None)):
        work()
    return len(looks)


def stop_at(place, work):
    """Stop some work where it looks for the so-manieth time."""
    looks = itertools.count()

    def look():
        if next(looks) == place:
            raise Stop

    with stopped_by(look), pytest.raises(Stop):
        work()


def source_of(model, asked):
    return model.source("", SamplerChain(), asked, 1 << 22)


def figures(model, asked):
    return analyze(model, source_of(model, asked))


def likeliest(model, asked):
    return [each.text for each in itertools.islice(model.top_of(source_of(model, asked)), 4)]


def drawn(model, asked):
    request = GenerationRequest(3, "", 1, conditions=asked, memory=1 << 22)
    return [document.ids for document in model.generation(request).documents()]


WORKS = {"analyze": figures, "top": likeliest, "generate": drawn}
ASKED = {
    "length": Conditions((3, 3)),
    "pattern": Conditions((1, 4), "*a*"),
    "suffix": Conditions(suffix="sh"),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
@pytest.mark.parametrize("name", ["table", "recurrent"])
def test_exact_work_stops_wherever_it_looks(name, work, asked):
    model = MODELS[name]
    told = work(model, asked)
    looks = looks_of(lambda: work(model, asked))
    assert looks > 0
    for place in sorted(set(np.linspace(0, looks - 1, PLACES).astype(int).tolist())):
        stop_at(place, lambda: work(model, asked))
        assert looks_of(lambda: work(model, asked)) == looks
    assert work(model, asked) == told


def test_a_shipped_chain_stops_within_its_rounds():
    model = tokgen.load("indian-names", "ngram")
    assert looks_of(lambda: figures(model, Conditions(pattern="m*a*"))) > 20


def test_nothing_looks_where_nobody_may_stop_it():
    may_stop()
    with stopped_by(lambda: pytest.fail("outside of it, too")):
        pass
    may_stop()
