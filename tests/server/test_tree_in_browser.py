"""The face Tree in a real Chromium: what was opened stays open, in the link too."""

from __future__ import annotations

import itertools

import pytest
from overlapping import table_model, text_model
from page_browser import address_of
from small_tokenizers import PieceTokenizer

pytestmark = pytest.mark.slow

READY = "svg .node"
WORDS = ["a", "crocodile", "internationalization", "it", "knows"]


@pytest.fixture(scope="module")
def address(names, browser):
    with address_of(names) as found:
        yield found


def nodes(page):
    return page.page.locator(READY)


def keys(page):
    return [each.get_attribute("data-key") for each in nodes(page).all()]


def node(page, text):
    return page.page.locator(f"{READY}[aria-label^='{text}:']")


def test_a_link_holds_the_nodes_that_were_opened_and_closed(opening, address):
    page = opening(address).open("view=tree&text=sha&seed=1", ready=READY)
    node(page, "shand").click()
    page.page.wait_for_selector(f"{READY}[aria-label^='shanda:']")
    node(page, "shar").click()
    page.until("() => !document.querySelector(\"svg .node[aria-label^='shara:']\")")
    other = opening(address).open(page.link(), ready=f"{READY}[aria-label^='shanda:']")
    assert keys(other) == keys(page)


def test_nodes_stay_open_while_a_slider_moves(opening, address):
    page = opening(address).open("view=tree&text=sha&seed=1&sampler=temperature:t=1", ready=READY)
    node(page, "shand").click()
    page.page.wait_for_selector(f"{READY}[aria-label^='shanda:']")
    before = node(page, "shand").get_attribute("aria-label")
    page.page.locator("input[type=range]").fill("0.5")
    page.until(
        "before => { const now = document.querySelector(\"svg .node[aria-label^='shand:']\");"
        " return now && now.getAttribute('aria-label') !== before; }",
        before,
    )
    assert node(page, "shanda").count() == 1


def test_a_node_is_gone_to_by_mouse_and_after_a_whole_document(opening, address):
    page = opening(address).open("view=tree&text=sha&seed=1", ready=READY)
    go = page.page.get_by_role("button", name="Go there")
    assert go.is_disabled()
    node(page, "shan").click()
    assert page.text(".tree .figure").startswith("the path shan: 17.7 %")
    go.click()
    page.page.wait_for_selector(".step .bars button")
    assert page.texts(".branch") == ["sha", "n"]
    page.page.locator(".bars button").last.click()
    page.says("shan is a whole document")
    page.page.get_by_role("tab", name="Tree").click()
    page.page.wait_for_selector(f"{READY}[aria-label^='shana:']")
    node(page, "shana").focus()
    page.press("g")
    page.until("() => document.querySelectorAll('.cell.drawn').length === 2")
    assert "".join(page.texts(".cell .token")) == "shana"


def test_long_tokens_cover_no_other_node(opening, browser):
    tokenizer = PieceTokenizer([each.encode() for each in WORDS])
    with address_of(text_model(table_model(tokenizer), tokenizer)) as address:
        page = opening(address).open("view=tree&seed=1&depth=2&width=6", ready=READY)
        boxes = [each.bounding_box() for each in nodes(page).all()]
        letters = [each.bounding_box() for each in page.page.locator(f"{READY} text").all()]
    for box, text in zip(boxes, letters, strict=True):
        assert box["x"] <= text["x"]
        assert text["x"] + text["width"] <= box["x"] + box["width"]
    for one, other in itertools.combinations(boxes, 2):
        apart_across = (
            one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        )
        apart_down = abs(one["y"] - other["y"]) >= min(one["height"], other["height"]) - 2
        assert apart_across or apart_down
