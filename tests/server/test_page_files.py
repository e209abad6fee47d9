"""The page's files: what they are sent with, and that they ask nothing of another machine."""

from __future__ import annotations

import re

import pytest
from overlapping import MODELS

from tokgen.server.access import Access
from tokgen.server.page_files import page_files

FILES = page_files()


@pytest.fixture
def local(serving):
    return serving(MODELS["table"]).client


@pytest.mark.parametrize("path", FILES)
def test_files_run_nothing_else_and_ask_nobody_else(path, local):
    answer = local.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"""(https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]""", answer.text)


def test_a_page_holds_no_script_and_no_style_of_its_own(local):
    page = local.get("/").text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    for tag in re.findall(r"<script\b[^>]*>.*?</script>", page, flags=re.DOTALL):
        assert re.fullmatch(r'<script type="module" src="/page/[\w-]+\.js"></script>', tag)


@pytest.mark.parametrize("path", FILES)
def test_a_browser_that_has_a_file_is_told_so(path, local):
    tag = local.get(path).headers["etag"]
    again = local.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert local.get(path, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/page/../app.py", "/page/%2e%2e/app.py", "/page/index.html", "/page/", "/page/x.js"]
)
def test_there_is_no_other_file(path, local):
    assert local.get(path).status_code == 404


def test_the_page_is_open_and_what_it_asks_needs_the_token(serving):
    client = serving(MODELS["table"], None, Access("0.0.0.0", "T")).client
    assert all(client.get(path).status_code == 200 for path in FILES)
    for path in ("/page/step", "/page/facts", "/page/step.js/../step"):
        assert client.post(path, json={}).status_code == 401
    right = {"authorization": "Bearer T"}
    assert client.post("/page/step", json={}, headers=right).status_code == 200
