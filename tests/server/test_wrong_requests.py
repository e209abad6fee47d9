"""Whatever is sent, the answer is JSON in OpenAI's shape, and the server goes on."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from overlapping import MODELS

from tokgen.errors import PluginError
from tokgen.server.bodies import CompletionBody
from tokgen.server.limits import Limits

SMALL = Limits(
    body_bytes=2000, prompts=3, prompt_tokens=40, choices=6, max_tokens=50, logprobs=1000
)


@pytest.fixture
def small(serving):
    return serving(MODELS["table"], SMALL)


@pytest.mark.parametrize(
    ("status", "body", "param", "said"),
    [
        (422, {"promt": "a"}, "promt", "There is no field 'promt'. Did you mean 'prompt'?"),
        (422, {"conditions": {"patern": "a"}}, "conditions.patern", "conditions.patern"),
        (422, {"temperature": -1}, "temperature", "greater than or equal to 0"),
        (422, {"temperature": "1"}, "temperature", "number"),
        (422, {"top_p": 0}, "top_p", "greater than 0"),
        (422, {"prompt": 7}, "prompt", "prompt"),
        (422, {"prompt": [["a"]]}, "prompt", "prompt"),
        (422, {"seed": -1}, "seed", "greater than or equal to 0"),
        (422, {"seed": 2**64}, "seed", "18446744073709551615"),
        (422, {"stop": ""}, None, "a stop of no characters"),
        (422, {"n": 2, "best_of": 1}, None, "best_of is at least n"),
        (422, {"best_of": 2, "stream": True}, None, "best_of cannot be streamed"),
        (422, {"stream_options": {"include_usage": True}}, None, "no effect without stream"),
        (404, {"model": "gpt-4"}, "model", "this server answers with 'nowhere/small'"),
        (422, {"prompt": "a" * 41}, "prompt", "A prompt has 41 characters; at most 40 are read."),
        (422, {"prompt": [0] * 41}, "prompt", "A prompt has 41 tokens; at most 40 are read."),
        (422, {"prompt": ["a"] * 4}, "prompt", "There are 4 prompts; at most 3 are read."),
        (422, {"n": 7}, "n", "7 choices are asked for; at most 6 are made."),
        (422, {"max_tokens": 51}, "max_tokens", "51 tokens are asked for; at most 50 are drawn."),
        (422, {"max_tokens": 50, "n": 5, "logprobs": 9}, "logprobs", "2,500 log-probabilities"),
        (400, {"prompt": "xyz"}, None, "No piece of 'xyz'"),
        (400, {"prompt": [99]}, None, "There is no token 99: ids run from 0 to 10."),
        (400, {"prompt": [-1]}, None, "There is no token -1"),
        (400, {"prompt": [0, 10, 0]}, "prompt", "The id 10 begins or ends a document"),
        (400, {"prompt": [0, 10]}, "prompt", "The id 10 begins or ends a document"),
        (400, {"samplers": ["nosuch"]}, None, "nosuch"),
        (400, {"samplers": ["top_k"]}, None, "top_k"),
        (400, {"logit_bias": {"a": 1}}, "logit_bias", "names tokens by their ids, from 0 to 10"),
        (400, {"stop_token_ids": [11]}, None, "There is no token 11"),
        (400, {"given": {"colour": "red"}}, None, "colour"),
        (400, {"conditions": {"length": "6..2"}}, None, "No length is at least 6"),
        (400, {"prompt": "a", "conditions": {"pattern": "s*"}}, None, "No document that the model"),
        (400, {"suffix": "a"}, "suffix", "suffix needs a model whose tokens are single"),
        (400, {"suffix": "a", "conditions": {"length": 3}}, "suffix", "cannot stand together"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_in_openais_shape(status, body, param, said, small):
    error = small.refused(status, **body)
    assert said in error.message
    assert (error.type, error.param) == (
        "not_found_error" if status == 404 else "invalid_request_error",
        param,
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"a"', b"\xff\xfe", b"[" * 1500, b'{"prompt": "\\ud800"}',
     b'{"temperature": NaN}', b'{"temperature": 1e999}', b'{"n": 1e3}', b"<html>"],
)  # fmt: skip
def test_what_is_no_body_is_said(content, small):
    answer = small.client.post("/v1/completions", content=content)
    assert answer.status_code in (400, 422)
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_a_body_that_is_too_large_is_not_read_to_its_end(small):
    def parts():
        for _ in range(1000):
            yield b" " * 1000

    answer = small.client.post("/v1/completions", content=parts())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nosuch", 404),
        ("GET", "/v1/models/nosuch", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/v1/completions", 405),
        ("DELETE", "/v1/models", 405),
        ("POST", "/health", 405),
    ],
)
def test_other_paths_and_methods_are_told(method, path, status, small):
    answer = small.client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('{"prompt": "a", "prompt": "b"}', "The field 'prompt' is given 2 times."),
        ('{"conditions": {"length": "3", "length": "4"}}', "The field 'length' is given 2 times."),
    ],
)
def test_a_field_that_is_named_twice_is_refused(content, named, small):
    answer = small.client.post("/v1/completions", content=content)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, named)


def test_more_requests_than_are_answered_at_a_time_wait(serving):
    ask = serving(MODELS["table"], Limits(requests=0))
    answer = ask.client.post("/v1/completions", json={})
    assert (answer.status_code, answer.json()["error"]["type"]) == (429, "rate_limit_error")
    assert answer.headers["retry-after"] == "1"


def test_requests_that_were_refused_count_no_longer(serving):
    ask = serving(MODELS["table"], Limits(requests=1))
    for _ in range(3):
        ask.refused(400, prompt="xyz")
        ask.refused(400, prompt="a", conditions={"pattern": "s*"})
        ask.stream(prompt="la")
        ask.completion(prompt="la")


def test_a_failure_in_the_middle_of_a_stream_is_its_last_event(serving, monkeypatch):
    ask = serving(MODELS["table"])

    def failing(self, token, row):
        raise PluginError("The model 'small' fails.")

    monkeypatch.setattr("tokgen.server.choices.Choice.add", failing)
    monkeypatch.setattr("tokgen.server.working.SLICE_SECONDS", -1)
    assert ask.refused(500, prompt="la").message == "The model 'small' fails."
    body = {"prompt": "la", "stream": True, "echo": True}
    answer = ask.client.post("/v1/completions", json=body)
    first, last = answer.text.strip().split("\n\n")
    assert json.loads(first.removeprefix("data: "))["choices"][0]["text"] == "la"
    assert json.loads(last.removeprefix("data: "))["error"] == {
        "message": "The model 'small' fails.",
        "type": "server_error",
        "param": None,
        "code": "plugin_failed",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**65) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from([*CompletionBody.model_fields, "nosuch"])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_body_is_answered_or_refused(body, small):
    content = json.dumps(body).encode()
    answer = small.client.post("/v1/completions", content=content)
    assert answer.status_code in (200, 400, 404, 413, 422), body
    if answer.status_code != 200:
        assert answer.json()["error"]["message"]


def test_the_texts_of_tokenize_come_back(small):
    for text in ("", "lash", "esh", "-"):
        ids = small.client.post("/tokenize", json={"prompt": text}).json()["tokens"]
        answer = small.client.post("/detokenize", json={"tokens": ids}).json()
        assert answer == {"prompt": text, "content": text}
    unknown = small.client.post("/tokenize", json={"content": "test"})
    assert (unknown.status_code, unknown.json()["tokens"]) == (200, [])
    assert "No piece of 'test'" in unknown.json()["message"]
    for body in ({}, {"prompt": "a", "content": "a"}, {"prompt": 1}):
        assert small.client.post("/tokenize", json=body).status_code == 422
    assert small.client.post("/detokenize", json={"tokens": [99]}).status_code == 400


def test_requests_beside_each_other_get_what_each_gets_alone(small):
    bodies = [
        {"prompt": ["la", "sh"], "seed": seed, "n": 3, "max_tokens": 40, "temperature": 1 + seed}
        for seed in range(12)
    ]
    alone = [small.choices(**body) for body in bodies]
    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(lambda body: small.choices(**body), bodies)) == alone
