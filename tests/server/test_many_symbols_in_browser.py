"""Bars of small and of large vocabularies in a real Chromium: whatever is shown can be read."""

from __future__ import annotations

import itertools
import math
import string

import pytest
from overlapping import table_model, text_model
from page_browser import Page, address_of
from small_tokenizers import PieceTokenizer

from tokgen.corpus.opening import corpus_of_lines
from tokgen.text_model.text_model import TextModel
from tokgen.training.plan import plan_on
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

pytestmark = pytest.mark.slow

CHARACTERS = [*string.ascii_letters, *" éüñöç", *map(chr, range(0x400, 0x500))]
SIZES = ((1280, 720), (1920, 1080))
# What is seen above or below the bars: its text, its place, the size of its letters, its line.
SEEN = """selector => [...document.querySelectorAll(selector)].flatMap(each => {
    const style = getComputedStyle(each), range = document.createRange();
    range.selectNodeContents(each);
    const { left, right, top } = range.getBoundingClientRect();
    const isSeen = style.visibility === "visible" && each.textContent;
    const line = Math.round(top);
    return isSeen ? [[each.textContent, left, right, parseFloat(style.fontSize), line]] : [];
})"""


class Characters(PieceTokenizer):
    """Pieces, and the terminator of corpora that hold a hyphen."""

    def __init__(self, pieces):
        super().__init__([piece.encode() for piece in pieces])
        self.symbols = (*self.symbols[:-1], "␃")


def vocabulary(size):
    if size > len(CHARACTERS):
        return [f"{a}{b}{c}" for a, b, c in itertools.product(string.ascii_lowercase, repeat=3)]
    return CHARACTERS


@pytest.fixture
def opened(browser):
    """The page of a model of so many symbols, which sees none of them."""
    contexts = []

    def page_of(size):
        tokenizer = Characters(vocabulary(size)[: size - 1])
        with address_of(text_model(table_model(tokenizer, context=0), tokenizer)) as address:
            contexts.append(browser.new_context())
            page = Page(contexts[-1], address)
            yield page.open("seed=1")
            assert page.wrong == []

    made = []

    def opening(size):
        made.append(page_of(size))
        return next(made[-1])

    yield opening
    for each in made:
        assert next(each, None) is None
    for each in contexts:
        each.close()


def step_of(page):
    answer = page.page.request.post(f"{page.address}/page/step", data={})
    return answer.json()


def test_no_letter_inside_covers_another(browser):
    words = [f"{a}-{b}" for a, b in itertools.pairwise(string.ascii_letters)] * 4
    corpus = corpus_of_lines("\n".join(words).encode(), "words")
    checkpoint = train(plan_on(Recipe(model="ngram"), corpus)).checkpoint
    with address_of(TextModel(checkpoint, corpus)) as address:
        context = browser.new_context()
        page = Page(context, address).open("view=inside&seed=1", ready=".inside .columns")
        letters = page.page.evaluate(SEEN, ".inside li:nth-child(2) .columns .letter")
        assert [text for text, *_ in letters] == ["-", *sorted(string.ascii_letters), "end"]
        assert_apart(letters)
        context.close()


@pytest.mark.parametrize("size", [27, 63, 300, 5000])
def test_no_number_and_no_letter_covers_another(opened, size):
    page = opened(size)
    for width, height in SIZES:
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.wait_for_timeout(100)
        for selector in (".bars .number", ".bars .letter"):
            seen = page.page.evaluate(SEEN, selector)
            assert len(seen) >= 3
            assert min(letters for *_, letters, _ in seen) >= 12
            assert_apart(seen)
    numbers = len(page.page.evaluate(SEEN, ".bars .number"))
    assert numbers == {27: 27, 63: 8, 300: 8, 5000: 20}[size]


def test_a_phone_shows_the_bars_of_an_alphabet_and_all_that_stands_beside_them(opened):
    page = opened(27)
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.page.wait_for_timeout(100)
    edges = "selector => [...document.querySelectorAll(selector)].map(each => { "
    edges += "const range = document.createRange(); range.selectNodeContents(each); "
    edges += "return range.getBoundingClientRect().right; })"
    for selector in (".bars .letter", ".step .legend .figure", ".cumulative .note span"):
        assert max(page.page.evaluate(edges, selector)) <= 390 - 10, selector


def assert_apart(seen):
    for line in {each[-1] for each in seen}:
        on_line = [each for each in seen if each[-1] == line]
        for (_, _, right, *_), (_, left, *_) in itertools.pairwise(on_line):
            assert right <= left + 0.5


@pytest.mark.parametrize("width", [390, 1280])
def test_no_bar_has_a_number_where_a_higher_one_has_none(opened, width):
    page = opened(63)
    page.page.set_viewport_size({"width": width, "height": 720})
    page.page.wait_for_timeout(100)
    probs = [each["prob"] for each in step_of(page)["next"]]
    visible = [each.is_visible() for each in page.page.locator(".bars .number").all()]
    with_number = [prob for prob, seen in zip(probs, visible, strict=True) if seen]
    without = [prob for prob, seen in zip(probs, visible, strict=True) if not seen]
    assert len(with_number) >= 3
    assert min(with_number) >= max(without)


def test_the_highest_bar_and_the_one_that_is_pointed_at_have_numbers(opened):
    page = opened(63)
    probs = [each["prob"] for each in step_of(page)["next"]]
    highest, lowest = probs.index(max(probs)), probs.index(min(probs))

    def number(at):
        return page.page.locator(".bars .number").nth(at)

    assert number(highest).is_visible()
    assert not number(lowest).is_visible()
    page.page.locator(".bars button").nth(lowest).hover()
    assert number(lowest).is_visible()
    page.page.locator("#said").hover()
    page.page.locator(".bars button").first.focus()
    page.press(*["ArrowRight"] * lowest)
    assert number(lowest).is_visible()


@pytest.mark.parametrize(("size", "most"), [(300, 64), (5000, 20)])
def test_what_is_not_shown_is_told_with_its_mass(opened, size, most):
    page = opened(size)
    probs = sorted((each["prob"] for each in step_of(page)["next"]), reverse=True)
    assert len(page.texts(".bars .letter")) == most
    rest = f"{100 * math.fsum(probs[most:]):.3g}"
    assert page.text(".chart .note") == f"{size - most:,} tokens more have {rest} % together."


def test_names_are_found_where_the_figures_take_too_much_memory(opened):
    page = opened(300)
    page.page.route("**/page/exact", lambda route: route.fulfill(status=400, json=TOO_LARGE))
    page.page.get_by_role("tab", name="Exact").click()
    page.page.wait_for_selector(".names li")
    assert page.texts(".cards .card p")[0] == "There are too many states."
    page.wrong[:] = [each for each in page.wrong if "400" not in each]


TOO_LARGE = {"error": {"message": "There are too many states.", "param": "memory"}}


def test_what_is_no_letter_has_a_name(opened):
    page = opened(63)
    signs = page.texts(".bars .letter")
    assert (signs[52], signs[-1]) == ("␣", "end")
    titles = [each.get_attribute("title") for each in page.page.locator(".bars button").all()]
    assert titles[52].startswith("space: the model says ")
    assert titles[-1].startswith("end of document: the model says ")
