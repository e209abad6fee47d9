"""Who may ask: DNS rebinding, pages of other sites, tokens; and answers that pages may read."""

from __future__ import annotations

import pytest
from overlapping import MODELS

from tokgen.errors import RequestError
from tokgen.server.access import Access
from tokgen.server.running import check_access

MODEL = MODELS["table"]


def get(ask, path="/v1/models", **headers):
    return ask.client.get(path, headers={name.replace("_", "-"): v for name, v in headers.items()})


@pytest.fixture
def local(serving):
    return serving(MODEL)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8008", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::1]:8008"]
)
def test_a_local_server_answers_to_local_names(local, host):
    assert get(local, host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8008", "localhost.evil.example", "127.0.0.1.evil.example", "",
     "192.168.0.7", "localhost@evil.example", "[", "evil.example#localhost", "127.0.0.1, evil"],
)  # fmt: skip
def test_another_name_is_refused(local, host):
    answer = get(local, host=host)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_host")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://localhost:9999"])
def test_a_page_of_another_site_is_refused(local, origin):
    answer = get(local, origin=origin)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_origin")
    assert "access-control-allow-origin" not in answer.headers
    asked = local.client.options("/v1/completions", headers={"origin": origin})
    assert asked.status_code == 403


def test_the_servers_own_pages_may_ask(local):
    assert get(local, origin="http://localhost:8008").status_code == 200


def test_a_named_site_may_ask_and_read_the_answer(serving):
    site = "https://class.example"
    ask = serving(MODEL, None, Access(origins=frozenset([site])))
    for answer in (get(ask, origin=site), get(ask, "/nosuch", origin=site)):
        assert answer.headers["access-control-allow-origin"] == site
        assert answer.headers["vary"] == "Origin"
    before = ask.client.options("/v1/completions", headers={"origin": site})
    assert before.status_code == 204
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "authorization" in before.headers["access-control-allow-headers"]
    assert get(ask, origin="https://other.example").status_code == 403
    assert get(ask, origin=site, host="evil.example").status_code == 403


def test_a_token_is_asked_for(serving):
    ask = serving(MODEL, None, Access("0.0.0.0", "sésame"))
    for headers in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": "Basic sésame".encode()},
        {"authorization": b"Bearer \xff"},
    ):
        answer = ask.client.get("/v1/models", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "invalid_api_key"
        assert answer.headers["www-authenticate"] == "Bearer"
    right = {"authorization": "Bearer sésame".encode(), "host": "model.example"}
    assert ask.client.get("/v1/models", headers=right).status_code == 200
    assert ask.client.get("/health").status_code == 200


def test_what_everybody_could_reach_needs_a_token():
    for host in ("0.0.0.0", "::", "192.168.0.7", "example.org"):
        with pytest.raises(RequestError, match="--token"):
            check_access(Access(host))
        check_access(Access(host, "T"))
    for host in ("127.0.0.1", "::1", "localhost"):
        check_access(Access(host))
