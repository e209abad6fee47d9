"""The page's requests: the results of the command line, from a body that holds the whole place."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from overlapping import MODELS
from running import tokgen

from tokgen.server import page_answers
from tokgen.server.page_bodies import DrawBody, ExactBody, TopBody, TreeBody
from tokgen.server.recent_answers import KEPT, RecentAnswers

CHAIN = ["temperature:t=0.7", "top_p:p=0.9"]
END = 26


@pytest.fixture(scope="session")
def page(ask):
    return asking_page(ask.client)


def asking_page(client):
    def asked(name, **body):
        answer = client.post(f"/page/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(name, status, **body):
        answer = client.post(f"/page/{name}", json=body)
        assert answer.status_code == status, answer.text
        return SimpleNamespace(**answer.json()["error"])

    return SimpleNamespace(asked=asked, refused=refused)


def printed(*typed):
    done = tokgen(*typed, "--model", "mlp", "--json")
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_step_is_next_of_the_command_line(page):
    shown = page.asked("step", typed="abi", samplers=CHAIN)
    samplers = [word for each in CHAIN for word in ("--sampler", each)]
    (wanted,) = printed("next", "abi", *samplers, "--sort", "alphabet")
    assert {**shown, **wanted, "temperature": 0.7} == shown
    assert (shown["start"], shown["window"], shown["temperature"]) == (3, ["a", "b", "i"], 0.7)


def test_what_was_drawn_goes_on_from_its_ids(page):
    typed = page.asked("step", typed="abid", samplers=CHAIN)
    drawn = page.asked("step", typed="ab", drawn=[8, 3], samplers=CHAIN)
    assert drawn["ids"] == typed["ids"]
    assert drawn["next"] == typed["next"]
    assert (typed["start"], drawn["start"]) == (4, 2)


def test_draws_one_after_the_other_make_the_document_of_generate(page):
    place, seed = {"typed": "sh", "drawn": [], "samplers": CHAIN}, 11
    while END not in place["drawn"]:
        drawn = page.asked("draw", **place, seed=seed)
        assert drawn["from"] <= drawn["number"] < drawn["to"]
        shown = page.asked("step", **place)["next"]
        width = shown[drawn["id"]]["prob"]
        assert math.isclose(drawn["to"] - drawn["from"], width, abs_tol=1e-12)
        below = math.fsum(each["prob"] for each in shown[: drawn["id"]])
        assert math.isclose(drawn["from"], below, abs_tol=1e-12)
        place["drawn"].append(drawn["id"])
    document = page.asked("path", typed="sh", drawn=place["drawn"])
    typed = [word for each in CHAIN for word in ("--sampler", each)]
    asked = ["-n", "1", "--prefix", "sh", "--seed", str(seed), "--model", "mlp", *typed]
    done = tokgen("generate", *asked)
    assert document["text"] == done.out.strip()


def test_another_draw_from_a_place_is_another_sequence_of_the_seed(page):
    numbers = {page.asked("draw", seed=1, sequence=each)["number"] for each in range(20)}
    assert len(numbers) == 20


def test_a_path_tells_how_probable_each_token_was(page):
    told = page.asked("path", typed="ab", drawn=[8, 3, END])
    (score,) = printed("score", "abid")
    assert [each["token"] for each in told["path"]] == score["tokens"]
    for each, logprob in zip(told["path"], score["logprobs"], strict=True):
        assert math.isclose(each["logprob"], logprob, rel_tol=1e-9)
    best = told["path"][0]["likeliest"]
    assert [each["prob"] for each in best] == sorted((e["prob"] for e in best), reverse=True)
    assert (told["start"], told["text"], told["novel"]) == (2, "abid", False)
    assert "text" not in page.asked("path", typed="ab", drawn=[8])


def test_a_tree_tells_what_it_leaves_out(page):
    root = page.asked("tree", typed="ab", depth=2, width=4)
    assert [root] == printed("tree", "ab", "--depth", "2", "--width", "4")
    assert root["left_out"] == 27 - 4
    for node in (root, *root["children"]):
        shown = math.fsum(child["prob"] for child in node["children"])
        if node["children"]:
            assert math.isclose(shown + node["left_out_prob"], 1)


def test_an_explanation_ends_in_the_distribution(page):
    told = page.asked("explain", typed="abi")
    (wanted,) = printed("next", "abi", "--explain", "--sort", "alphabet")
    steps = told["explanation"]
    assert [each["name"] for each in steps] == [each["name"] for each in wanted["explanation"]]
    assert steps[0]["shape"] == [3, 48]
    probs = [each["prob"] for each in page.asked("step", typed="abi")["next"]]
    assert steps[-1]["values"] == pytest.approx(probs)


def test_exact_figures_are_those_of_analyze(page):
    asked = {"conditions": {"pattern": "?a?esh"}}
    figures = page.asked("exact", **asked, positions=True)
    assert [figures] == printed("analyze", "--pattern", "?a?esh", "--positions")
    found = page.asked("top", **asked, count=3)["documents"]
    assert found == printed("top", "-n", "3", "--pattern", "?a?esh")


def test_exact_figures_are_computed_once_for_a_class(serving, monkeypatch):
    computed = []
    analyze = page_answers.analyze

    def counted(*asked):
        computed.append(asked)
        return analyze(*asked)

    monkeypatch.setattr(page_answers, "analyze", counted)
    page = asking_page(serving(MODELS["table"]).client)
    conditions = [{"length": length} for length in (2, 3, 2, 3)]
    answers = [page.asked("exact", conditions=each) for each in conditions]
    assert answers[:2] == answers[2:]
    assert answers[0] != answers[1]
    assert len(computed) == 2


def test_recent_answers_forget_what_was_not_asked_for_again():
    recent, computed = RecentAnswers(), []
    for number in (*range(KEPT), 0, KEPT, 0, 1):
        recent.of(number, lambda number=number: computed.append(number))
    assert computed == [*range(KEPT + 1), 1]


def test_a_model_of_no_finite_chain_is_told_in_bounds(page):
    figures = page.asked("exact", model="indian-names/lstm", conditions={"pattern": "?a?esh"})
    assert figures["condition_prob_at_least"] <= figures["condition_prob_at_most"]


def test_every_shipped_model_can_be_asked_and_no_other(page):
    facts = page.asked("facts")
    assert facts["model"] == "indian-names/mlp"
    assert "indian-names/told" in facts["models"]
    told = page.asked("facts", model="indian-names/told")
    assert told["columns"]["gender"] == ["f", "m", "u"]
    given = {"model": "indian-names/told", "given": {"gender": "f"}}
    assert page.asked("step", **given)["given"] == {"gender": "f"}
    for name in ("../../etc/passwd", "/etc/passwd", "indian-names/lsmt"):
        assert page.refused("step", 404, model=name).code == "model_not_found"
    assert "'indian-names/lstm'" in page.refused("step", 404, model="indian-names/lsmt").message


def test_samplers_are_listed_with_their_options(page):
    listed = {each["name"]: each for each in page.asked("facts")["samplers"]}
    (option,) = listed["top_p"]["options"]
    assert (option["name"], option["kind"], option["most"]) == ("p", "float", 1)
    assert listed["greedy"]["options"] == []


@pytest.mark.parametrize(
    ("name", "status", "body", "param", "said"),
    [
        ("step", 422, {"tiped": "a"}, "tiped", "Did you mean 'typed'?"),
        ("step", 422, {"drawn": ["a"]}, "drawn", "integer"),
        ("step", 400, {"drawn": [27]}, None, "There is no token 27: ids run from 0 to 26."),
        ("step", 400, {"drawn": [END, 0]}, "drawn", "begins or ends a document stands inside it"),
        ("step", 400, {"drawn": [0, END]}, "drawn", "The document has ended"),
        ("explain", 400, {"drawn": [0, END]}, "drawn", "The document has ended"),
        ("step", 400, {"typed": "<img src=x onerror=alert(1)>"}, None, "'<'"),
        ("step", 400, {"samplers": ["<b>"]}, None, "There is no sampler '<b>'"),
        ("step", 400, {"given": {"gender": "f"}}, None, "is told no columns"),
        ("step", 422, {"typed": "a" * 5000}, "typed", "at most 4,096 are read"),
        ("step", 422, {"drawn": [0] * 5000}, "drawn", "at most 4,096 are read"),
        ("draw", 422, {}, "seed", "Field required"),
        ("draw", 422, {"seed": -1}, "seed", "greater than or equal to 0"),
        ("tree", 422, {"depth": 9}, "depth", "less than or equal to 8"),
        ("tree", 400, {"depth": 8, "width": 30}, None, "more than 100,000 nodes"),
        ("top", 422, {"count": 101}, "count", "less than or equal to 100"),
        ("top", 400, {"conditions": {"pattern": "1"}}, None, "1"),
    ],
)
def test_what_is_wrong_is_said(name, status, body, param, said, page):
    error = page.refused(name, status, **body)
    assert said in error.message
    assert error.param == param


def test_tokens_have_to_spell_what_is_left_of_the_prefix(serving):
    page = asking_page(serving(MODELS["table"]).client)
    facts = page.asked("facts")
    merged, other = (facts["symbols"].index(symbol) for symbol in ("sh", "l"))
    assert page.asked("step", typed="s", drawn=[merged])["prefix"] == "sh"
    error = page.refused("step", 400, typed="s", drawn=[other])
    assert "do not spell what is left" in error.message


BODIES = {"step": DrawBody, "draw": DrawBody, "path": DrawBody, "tree": TreeBody,
          "explain": DrawBody, "exact": ExactBody, "top": TopBody, "facts": DrawBody}  # fmt: skip
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2**65)
    | st.floats()
    | st.text(max_size=4)
    | st.text("aehlmrs?*", max_size=4)
    | st.lists(st.integers(-1, 12) | st.text(max_size=4), max_size=3)
    | st.dictionaries(st.sampled_from(["length", "pattern", "suffix", "a"]), st.text(max_size=4))
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(BODIES)), data=st.data())
def test_any_body_is_answered_or_refused(name, data, serving):
    fields = st.sampled_from([*BODIES[name].model_fields, "nosuch"])
    body = data.draw(st.dictionaries(fields, VALUES, max_size=3))
    client = serving(MODELS["table"]).client
    answer = client.post(f"/page/{name}", content=json.dumps(body).encode())
    assert answer.status_code in (200, 400, 404, 422), (name, body, answer.text)
    if answer.status_code != 200:
        assert answer.json()["error"]["message"]
