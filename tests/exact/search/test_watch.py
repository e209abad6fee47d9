"""Every search that can take long tells whoever waits how far it has come."""

from __future__ import annotations

import pytest
from overlapping import MODELS

from tokgen.exact.conditions import Conditions
from tokgen.exact.search import rejection
from tokgen.exact.search.watch import searches

MODEL = MODELS["recurrent"]
SEARCHES = {
    "most probable": lambda: list(MODEL.top(3, suffix="sh")),
    "drawn": lambda: list(MODEL.generate(3, seed=1, suffix="sh")),
    "different": lambda: list(MODEL.generate(3, seed=1, unique=True)),
    "bounds": lambda: MODEL.source(conditions=Conditions(suffix="sh")).explored,
    "rejection": lambda: list(MODEL.generate(70, seed=1, min_logprob=-9)),
}


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_it_is_told(search, monkeypatch):
    monkeypatch.setattr(rejection, "TOLD_EVERY", 1)
    told = []
    with searches.by(lambda *numbers: told.append(numbers)):
        search()
    assert told
    assert all(0 < looked_at <= (at_most or looked_at) for looked_at, at_most in told)


def test_whoever_waits_further_out_is_told_too_and_nobody_afterwards():
    told = []
    outer, inner = ((lambda *numbers, who=who: told.append((who, *numbers))) for who in "oi")
    with searches.by(outer):
        with searches.by(inner):
            searches.tell(1, 9)
        searches.tell(2, 9)
    searches.tell(3, 9)
    assert told == [("o", 1, 9), ("i", 1, 9), ("o", 2, 9)]
