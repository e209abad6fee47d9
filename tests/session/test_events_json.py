"""Events as JSON: what a session tells has the keys that the commands print."""

from __future__ import annotations

import json

import pytest
from overlapping import Overlapping, session_of, table_model, text_model
from running import tokgen as run
from samplers import CHAINS

import tokgen
from tokgen.session.events import Refused
from tokgen.session.events_json import event_as_json
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.training.model_request import ModelRequest

TOKENIZER = Overlapping()
NEXT = ["prefix", "ids", "rest", "context", "temperature", "entropy_bits", "next"]


@pytest.fixture(scope="module")
def names():
    return tokgen.load("indian-names", model="mlp")


@pytest.fixture
def session(names):
    return Session(State(names, Settings(3), ModelRequest(), lambda request: names))


def told(session, *lines):
    """The last line's events as JSON, there and back."""
    for line in lines:
        events = list(session.handle(line))
    assert not any(isinstance(event, Refused) for event in events)
    return [json.loads(json.dumps(event_as_json(event))) for event in events]


def without_event(row):
    return {key: value for key, value in row.items() if key != "event"}


def test_a_distribution_is_that_of_next(session):
    (row,) = told(session, "abi")
    assert list(row) == ["event", *NEXT, "sort", "rows"]
    assert row["ids"] == [0, 1, 8]
    (printed,) = run("next", "--model", "mlp", "abi", "--json").rows
    assert list(printed) == NEXT
    assert {key: row[key] for key in NEXT} == printed


def test_what_is_set_for_the_view_stands_in_the_object(session):
    first, sorted_, whole = (
        told(session, "abi")[0],
        *(told(session, line)[0] for line in (":sort alphabet", ":all")),
    )
    assert (first["sort"], first["rows"]) == ("probability", 8)
    assert (sorted_["sort"], sorted_["rows"]) == ("alphabet", 8)
    assert (whole["sort"], whole["rows"]) == ("alphabet", None)
    listed = [[each["token"] for each in row["next"]] for row in (first, sorted_)]
    assert listed[1] == sorted(listed[0], key=lambda token: (token == "-", token))
    assert listed[0] != listed[1]


def test_a_comparison_has_the_distributions_of_next(session):
    (row,) = told(session, "abi", ":temp 0.5 1 2")
    printed = run(
        "next", "--model", "mlp", "abi", "--temp", 0.5, "--temp", 1, "--temp", 2, "--json"
    ).rows
    # What has no probability left is null where it is printed.
    assert [list(column) for column in row["columns"]] == [
        [*NEXT, "model", "stages", "model_name"] for _ in printed
    ]
    for column, alone in zip(row["columns"], printed, strict=True):
        assert {key: column[key] for key in alone} == alone
    assert [column["temperature"] for column in row["columns"]] == [0.5, 1, 2]
    (row,) = told(session, ":compare mlp")
    assert [column["model_name"] for column in row["columns"]] == ["mlp", "mlp"]
    assert [column["temperature"] for column in row["columns"]] == [1, 1]


def test_documents_are_those_of_generate_and_top(session):
    (row,) = told(session, "abi", ":names 3")
    asked = (
        "generate",
        "--model",
        "mlp",
        "--prefix",
        "abi",
        "-n",
        3,
        "--seed",
        3,
        "--format",
        "jsonl",
    )
    assert row["documents"] == run(*asked).rows
    (row,) = told(session, ":top 3")
    assert (
        row["documents"] == run("top", "--model", "mlp", "--prefix", "abi", "-n", 3, "--json").rows
    )


def test_a_tree_is_that_of_tree(session):
    (row,) = told(session, "abi", ":tree 2 2")
    (printed,) = run("tree", "--model", "mlp", "abi", "--depth", 2, "--width", 2, "--json").rows

    def unnumbered(node):
        children = [unnumbered(child) for child in node["children"]]
        return {key: node[key] for key in node if key != "number"} | {"children": children}

    assert unnumbered(row["root"]) == printed
    numbers = {child["text"]: child["number"] for child in row["root"]["children"]}
    assert {text: n for text, n in numbers.items() if n is not None}.items() <= row[
        "numbers"
    ].items()
    assert list(row["numbers"].values()) == sorted(row["numbers"].values())


def test_a_score_is_that_of_score(session):
    (row,) = told(session, ":score abid")
    assert without_event(row) == run("score", "--model", "mlp", "abid", "--json").rows[0]


def test_novel_is_null_where_the_corpus_is_not_here():
    model = text_model(table_model(TOKENIZER), TOKENIZER)
    (row,) = told(session_of(model, CHAINS["none"]), ":names 2")
    assert [each["novel"] for each in row["documents"]] == [None, None]


def test_every_command_that_shows_something_has_json(session):
    lines = ("abi", "", ":run", ":why", ":score", ":analyze", ":seed", ":marks", ":help", ":quit")
    kinds = [row["event"] for line in lines for row in told(session, line)]
    assert {"sampled", "completed", "explained", "scored", "analyzed", "told", "left"} <= set(kinds)
