"""What a sampler may know: histories that authors make for tests, and contexts that show them."""

from __future__ import annotations

import pytest

from tokgen.plugin_api import History, SamplingContext, Vocabulary

VOCABULARY = Vocabulary(("a", "b", "-"), terminator_id=2)
DECLARED = {
    "distribution": set(),
    "position": {"position"},
    "history": {"position", "ids", "start", "surprisal_model", "surprisal_drawn"},
}


def test_a_history_tells_what_was_drawn_behind_what_stood_before():
    history = History.of([[1, 0, 0], [0, 0, 1]], before=[0, 1], surprisal_model=[[1, 2, 3]] * 2)
    assert [history.ids[row] for row in range(2)] == [[0, 1, 1, 0, 0], [0, 1, 0, 0, 1]]
    assert history.start.tolist() == [2, 2]
    assert history.surprisal_model.tolist() == [[1, 2, 3], [1, 2, 3]]
    assert history.surprisal_drawn.tolist() == [[1, 2, 3], [1, 2, 3]]
    assert SamplingContext("position", VOCABULARY, history).position.tolist() == [3, 3]


def test_where_no_surprisal_is_told_every_token_was_certain():
    history = History.of([[1, 0], [0, 0]], surprisal_drawn=[[0.5, 2], [0, 1]])
    assert history.start.tolist() == [0, 0]
    assert history.surprisal_model.tolist() == [[0, 0], [0, 0]]
    assert history.surprisal_drawn.tolist() == [[0.5, 2], [0, 1]]
    nothing = History.of([[], [], []])
    assert nothing.surprisal_model.shape == (3, 0)
    assert nothing.ids.lengths.tolist() == [0, 0, 0]


@pytest.mark.parametrize("needs", DECLARED)
def test_a_context_shows_what_the_sampler_declared_and_no_more(needs):
    context = SamplingContext(needs, VOCABULARY, History.of([[1]]))
    shown = {name for name in DECLARED["history"] if hasattr(context, name)}
    assert shown == DECLARED[needs]


@pytest.mark.parametrize("rows", [(slice(None), -1), slice(2), [0, 1]])
def test_ids_that_are_taken_for_an_array_say_how_they_are_read(rows):
    ids = SamplingContext("history", VOCABULARY, History.of([[1, 0], [0, 1]])).ids
    with pytest.raises(TypeError, match=r"prefixes are no array: prefixes\[row\] is the list"):
        ids[rows]
