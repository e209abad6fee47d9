"""Hints where a text was typed in another case than the corpus has it; none in every other case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.text_model.other_case import other_cases
from tokgen.text_model.text_model import TextModel
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

LAKES = ["Lake Tahoe", "Lake Erie", "Lake Como", "Loch Ness", "Bodensee", "Black Lake", "lagoon"]


def model_of(path, rows):
    path.write_text("\n".join(rows) + "\n")
    recipe = Recipe(corpus=str(path), model="ngram", options={"order": 1})
    return TextModel(train(plan(recipe)).checkpoint)


@pytest.fixture(scope="module")
def lakes(tmp_path_factory):
    return model_of(tmp_path_factory.mktemp("lakes") / "lakes.txt", LAKES)


def sentences(model, **texts):
    return [found.sentence for found in other_cases(model, texts)]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"prefix": "lake"}, 'No row of lakes.txt begins with "lake"; 3 begin with "Lake".'),
        ({"prefix": "LOCH"}, 'No row of lakes.txt begins with "LOCH"; 1 begins with "Loch".'),
        ({"suffix": "lake"}, 'No row of lakes.txt ends with "lake"; 1 ends with "Lake".'),
        ({"contains": "lake"}, 'No row of lakes.txt holds "lake"; 4 hold "Lake".'),
        (
            {"pattern": "b*"},
            'No row of lakes.txt matches "b*"; 2 match it in another case, such as "Bodensee".',
        ),
    ],
)
def test_what_the_corpus_has_in_another_case(lakes, texts, said):
    assert sentences(lakes, **texts) == [said]


@pytest.mark.parametrize(
    "texts",
    [
        {"prefix": "Lake"},  # as the corpus has it
        {"prefix": "la"},  # a row begins so
        {"prefix": ""},
        {"prefix": "lakeside"},  # no row begins so in any case
        {"suffix": "lake tahoe ", "contains": None, "pattern": None},
        {"prefix": "???"},
        {"pattern": "[Z-a]*"},
    ],
)
def test_nothing_is_said_where_there_is_nothing_to_say(lakes, texts):
    assert sentences(lakes, **texts) == []


def test_a_few_odd_rows_do_not_hide_the_many(tmp_path):
    model = model_of(
        tmp_path / "w.txt", [f"Lake {name}" for name in range(100)] + ["lake", "lakes"]
    )
    assert sentences(model, prefix="lake") == [
        'Only 2 rows of w.txt begin with "lake"; 100 begin with "Lake".'
    ]
    assert sentences(model, prefix="lakes") == []


def test_nothing_is_said_of_letters_of_one_case(tmp_path):
    assert sentences(model_of(tmp_path / "w.txt", ["lake", "loch", "lagoon"]), prefix="Lake") == []


def test_nothing_is_said_of_a_corpus_that_is_gone(tmp_path):
    model = model_of(tmp_path / "w.txt", LAKES)
    (tmp_path / "w.txt").unlink()
    assert sentences(model, prefix="lake") == []


@given(st.text("aAbB ", min_size=1, max_size=4))
def test_the_counts_are_those_of_looking_at_every_row(lakes, text):
    for what, has in {
        "prefix": str.startswith,
        "suffix": str.endswith,
        "contains": str.__contains__,
    }.items():
        as_typed = sum(has(row, text) for row in LAKES)
        in_any_case = sum(has(row.lower(), text.lower()) for row in LAKES)
        found = list(other_cases(lakes, {what: text}))
        assert len(found) == (as_typed == 0 and in_any_case > 0)
        for each in found:
            assert 1 <= each.others <= in_any_case
            assert sum(has(row, each.written) for row in LAKES) == each.others
            assert each.written.lower() == text.lower()
