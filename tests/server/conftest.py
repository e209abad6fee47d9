"""A server in the test's own process, asked as a client asks it."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
import uvicorn
from page_browser import Page, opened_browser
from starlette.testclient import TestClient

import tokgen
from tokgen.server.access import Access
from tokgen.server.app import application
from tokgen.server.limits import Limits
from tokgen.server.running import listening
from tokgen.server.served_model import ServedModel


def client_of(model, limits=None, access=None):
    served = ServedModel(model, limits or Limits())
    return TestClient(application(served, access or Access()), base_url="http://localhost:8008")


def asking(client):
    """What a server answers: a completion, its choices, or the events of a stream."""

    def completion(**body):
        answer = client.post("/v1/completions", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stream(**body):
        answer = client.post("/v1/completions", json={**body, "stream": True})
        assert answer.status_code == 200, answer.text
        *events, last = answer.text.strip().split("\n\n")
        assert last == "data: [DONE]"
        return [json.loads(event.removeprefix("data: ")) for event in events]

    def refused(status, **body):
        answer = client.post("/v1/completions", json=body)
        assert answer.status_code == status, answer.text
        return SimpleNamespace(**answer.json()["error"])

    return SimpleNamespace(
        client=client,
        completion=completion,
        choices=lambda **body: completion(**body)["choices"],
        stream=stream,
        refused=refused,
    )


@pytest.fixture(scope="session")
def names():
    """An MLP of the Indian names."""
    return tokgen.load("indian-names", "mlp")


@pytest.fixture(scope="session")
def ask(names):
    """A server with this model, asked."""
    with client_of(names) as client:
        yield asking(client)


@pytest.fixture
def serving():
    """A server with any model, its limits and who may ask, asked."""
    with ExitStack() as opened:
        yield lambda *served: asking(opened.enter_context(client_of(*served)))


@pytest.fixture(scope="module")
def address(names):
    """A server in a thread, at a port of this machine."""
    with listening("127.0.0.1", 0) as listener:
        app = application(ServedModel(names), Access(token="T"))
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser():
    """A browser for the tests of a file."""
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def opening(browser):
    """Pages in a browser with these settings; nothing may have gone wrong in any of them."""
    pages, contexts = [], []

    def opened(address, **settings):
        contexts.append(browser.new_context(**settings))
        pages.append(Page(contexts[-1], address))
        return pages[-1]

    yield opened
    for each in contexts:
        each.close()
    assert [page.wrong for page in pages if page.wrong] == []
