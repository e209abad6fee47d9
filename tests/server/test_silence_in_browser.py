"""A server that goes away while its page is open, and comes back."""

from __future__ import annotations

import pytest
from page_browser import Page, address_of, opened_browser

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(names):
    with opened_browser() as browser, address_of(names) as address:
        yield Page(browser.new_context(), address)


VIEWS = [
    ("Step", ".step .bars button"),
    ("Tree", "svg .node"),
    ("Look inside", ".inside .columns"),
    ("Compare", ".half.b .bars button"),
]


@pytest.mark.parametrize(("view", "ready"), VIEWS)
def test_a_page_waits_for_its_server(page, view, ready):
    page.open("text=ab&seed=1")
    page.page.route("**/page/*", lambda route: route.abort())
    page.page.get_by_role("tab", name=view).click()
    page.page.locator("#typed").focus()
    page.press("Enter")
    page.says("The server does not answer.")
    page.page.unroute("**/page/*")
    page.page.wait_for_selector(ready)
    page.until("() => document.getElementById('said').textContent === ''")
    assert page.page.locator(".refused").count() == 0


def test_a_model_that_cannot_be_opened_is_not_shown_as_chosen(page):
    page.open("text=ab&seed=1")
    page.page.route("**/page/facts", lambda route: route.fulfill(status=404, json=MISSING))
    model = page.page.get_by_label("Model", exact=True)
    model.select_option("indian-names/gru")
    page.says("It is gone.")
    assert model.input_value() == "indian-names/mlp"
    page.page.unroute("**/page/facts")


MISSING = {"error": {"message": "It is gone.", "param": "model"}}
