"""Compare in a real Chromium, where the second model has other tokens, or is not to be had."""

from __future__ import annotations

import pytest
from page_browser import Page, address_of
from running import tokgen

from tokgen.corpus.opening import corpus_of_lines
from tokgen.server.training_desk import TrainingDesk
from tokgen.training.named_models import keep_as
from tokgen.training.plan import plan_on
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

pytestmark = pytest.mark.slow

LINES = "Zoe\nYann\nUna\nTom\nRolf\nAnn\nMaxi\nNina\nHans\nKarl\nIda\nEmil"
CAPITALS = "kept:capitals"


@pytest.fixture
def page(names, browser):
    """A page that may ask a model of capital letters, too."""
    corpus = corpus_of_lines(LINES.encode(), "capitals")
    keep_as("capitals", train(plan_on(Recipe(model="ngram"), corpus)).checkpoint, 100)
    desk = TrainingDesk()
    with address_of(names, desk=desk) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        opened = Page(context, address)
        yield opened
        context.close()
    desk.close()
    assert opened.wrong == []


def open_compared(page, link):
    return page.open(f"view=compare&seed=1&{link}", ready=".half.b h2 option")


def letters(page):
    return "".join(page.texts(".cell:not(.ghost) .token"))


def bar(page, half, letter):
    return page.page.locator(f".half.{half} .bars button").filter(
        has=page.page.get_by_text(letter, exact=True)
    )


def test_the_other_model_reads_the_same_letters_though_it_has_other_ids(page):
    open_compared(page, f"text=an&other={CAPITALS}")
    bar(page, "a", "n").click()
    page.until("() => document.querySelectorAll('.cell.drawn').length === 1")
    page.page.wait_for_load_state("networkidle")
    assert letters(page) == "ann"
    asked = [body for body in page.bodies("step") if body["model"] == CAPITALS][-1]
    assert (asked["typed"], asked["drawn"]) == ("ann", [])


def test_a_bar_of_the_other_model_chooses_its_letter(page):
    open_compared(page, f"text=an&other={CAPITALS}")
    bar(page, "b", "i").click()
    page.until("() => document.querySelectorAll('.cell.drawn').length === 1")
    assert letters(page) == "ani"
    bar(page, "b", "Z").click()
    page.says("The model of A has no token Z.")
    bar(page, "b", "-").click()
    page.says("ani is a whole document")


def test_what_the_other_model_cannot_read_is_said_in_its_half(page):
    open_compared(page, f"text=shaq&other={CAPITALS}")
    page.until("() => document.querySelector('.half.b .note.error')")
    assert page.text(".half.b h2 .note").startswith("Character 'h' at position 2")
    assert page.page.locator(".half.a .bars button").count() == 27
    page.page.get_by_label("Model of B").select_option("indian-names/gru")
    page.page.wait_for_selector(".half.b .bars button")
    assert page.page.locator(".half.b .note.error").count() == 0
    page.wrong[:] = [each for each in page.wrong if "400" not in each]


def test_another_model_that_is_not_there_leaves_a_choice(page):
    open_compared(page, "text=an&other=indian-names/nothing")
    page.until("() => document.querySelector('.half.b .note.error')")
    assert page.page.locator(".half.a .bars button").count() == 27
    page.page.get_by_label("Model of B").select_option("indian-names/mlp")
    page.page.wait_for_selector(".half.b .bars button")
    page.wrong[:] = [each for each in page.wrong if "404" not in each]


def test_each_model_is_told_what_it_knows(page):
    open_compared(page, "text=an&model=indian-names/told&given=gender=f&other=indian-names/mlp")
    page.page.wait_for_selector(".half.b .bars button")
    told, other = page.bodies("step")[-2:]
    told, other = sorted((told, other), key=lambda body: body["model"], reverse=True)
    assert (told["given"], other["given"]) == ({"gender": "f"}, {})
    (row,) = tokgen("next", "an", "--model", "mlp", "--json").rows
    prob = {each["token"]: each["prob"] for each in row["next"]}["a"]
    label = page.page.locator(".half.b .bars button").first.get_attribute("aria-label")
    assert label.startswith(f"a: the model says {100 * prob:.0f} %")
