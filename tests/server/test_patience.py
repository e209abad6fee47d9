"""A request ends when its time is over or its client goes away, and its work with it."""

from __future__ import annotations

import json
import socket
import threading
import time
from types import SimpleNamespace
from urllib.parse import urlsplit

import openai
import pytest
from overlapping import MODELS
from page_browser import address_of

from tokgen.server import page_answers
from tokgen.server.choices import Choice, Delta
from tokgen.server.completions import Completion
from tokgen.server.limits import Limits
from tokgen.stopping import may_stop

MODEL = MODELS["table"]
SECONDS = 60
# It grows in a lane, and never ends by itself.
GROWING = {"prompt": [4, 0], "samplers": ["min_length:n=1000000"]}
EXACT = {
    "exact": ("/page/exact", {}),
    "top": ("/page/top", {}),
    "conditions": ("/v1/completions", {"conditions": {"length": 3}}),
    "conditions, streamed": ("/v1/completions", {"conditions": {"length": 3}, "stream": True}),
}


@pytest.fixture
def endless(monkeypatch):
    """Exact work that goes on until it is stopped; when it began, and when it ended."""
    told = SimpleNamespace(begun=threading.Event(), ended=threading.Event())

    def work(*asked):
        told.begun.set()
        try:
            while True:
                may_stop()
                time.sleep(0.001)
        finally:
            told.ended.set()

    def deltas(*asked):
        yield Delta(0, "a")
        work()

    monkeypatch.setattr(page_answers, "exact", work)
    monkeypatch.setattr(page_answers, "top", work)
    monkeypatch.setattr(Completion, "_whole_documents", deltas)
    return told


@pytest.fixture
def never_over(monkeypatch):
    """Choices that want one token more each time."""

    def add(self, token, row):
        return Delta(self.index, "a")

    monkeypatch.setattr(Choice, "add", add)


def is_out_of_time(error):
    return (error["type"], error["code"]) == ("invalid_request_error", "time_limit_exceeded")


@pytest.mark.parametrize(("path", "body"), EXACT.values(), ids=EXACT)
def test_exact_work_ends_with_its_time(path, body, serving, endless):
    ask = serving(MODEL, Limits(seconds=0.2, requests=1))
    for _ in range(2):
        endless.ended.clear()
        answer = ask.client.post(path, json=body)
        assert endless.ended.wait(SECONDS)
        if body.get("stream"):
            # Its first token came in time.
            *_, last = answer.text.strip().split("\n\n")
            assert is_out_of_time(json.loads(last.removeprefix("data: "))["error"])
        else:
            assert answer.status_code == 422
            assert is_out_of_time(answer.json()["error"])
            assert "longer than the 0.2 seconds" in answer.json()["error"]["message"]


def test_a_choice_that_grows_with_others_ends_with_its_time(serving, never_over):
    ask = serving(MODEL, Limits(seconds=0.2, requests=1))
    for _ in range(2):
        assert ask.refused(422, **GROWING).code == "time_limit_exceeded"


def texts_until_an_error(client, error):
    """The texts of a stream, until the client raises what comes instead of its end."""
    texts = []
    try:
        asked = {"prompt": GROWING["prompt"], "extra_body": {"samplers": GROWING["samplers"]}}
        for chunk in client.completions.create(model="nowhere/small", stream=True, **asked):
            texts.append(chunk.choices[0].text)
    except openai.APIError as raised:
        error.append(raised)
    return texts


def test_openais_client_reads_that_the_time_of_a_stream_is_over(never_over):
    limits, errors = Limits(seconds=0.5, requests=1), []
    with (
        address_of(MODEL, limits=limits) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0) as client,
    ):
        for _ in range(2):
            assert set(texts_until_an_error(client, errors)) == {"a"}
    assert [error.code for error in errors] == ["time_limit_exceeded"] * 2
    assert "longer than the 0.5 seconds" in str(errors[0])


def sent(address, path, body):
    """A connection on which a request was sent and nothing is read."""
    to = urlsplit(address)
    content = json.dumps(body).encode()
    connection = socket.create_connection((to.hostname, to.port))
    head = f"POST {path} HTTP/1.1\r\nHost: {to.netloc}\r\nContent-Length: {len(content)}\r\n\r\n"
    connection.sendall(head.encode() + content)
    return connection


def status(address, body):
    with sent(address, "/v1/completions", body) as connection:
        return int(connection.recv(1 << 16).split()[1])


def is_free(address):
    """Whether the one request at a time may be made, after a while."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if status(address, {"max_tokens": 0}) == 200:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize(("path", "body"), EXACT.values(), ids=EXACT)
def test_exact_work_ends_when_its_client_goes_away(path, body, endless):
    with address_of(MODEL, limits=Limits(requests=1)) as address:
        connection = sent(address, path, body)
        assert endless.begun.wait(SECONDS)
        assert not endless.ended.is_set()
        assert status(address, {"max_tokens": 0}) == 429
        connection.close()
        assert endless.ended.wait(SECONDS)
        assert is_free(address)


@pytest.mark.parametrize("stream", [False, True])
def test_a_choice_ends_when_its_client_goes_away(stream, never_over):
    with address_of(MODEL, limits=Limits(requests=1)) as address:
        connection = sent(address, "/v1/completions", {**GROWING, "stream": stream})
        while status(address, {"max_tokens": 0}) != 429:
            pass
        connection.close()
        assert is_free(address)


def test_who_does_not_read_holds_nothing_after_its_time(never_over):
    with address_of(MODEL, limits=Limits(seconds=0.5, requests=1)) as address:
        body = {**GROWING, "stream": True, "n": 200}
        with sent(address, "/v1/completions", body):
            while status(address, {"max_tokens": 0}) != 429:
                pass
            assert is_free(address)


def test_a_body_that_does_not_come_ends_with_its_time():
    with address_of(MODEL, limits=Limits(seconds=0.2)) as address:
        to = urlsplit(address)
        with socket.create_connection((to.hostname, to.port)) as connection:
            head = f"POST /tokenize HTTP/1.1\r\nHost: {to.netloc}\r\nContent-Length: 9\r\n\r\n{{"
            connection.sendall(head.encode())
            assert b"422" in connection.recv(1 << 16).splitlines()[0]
