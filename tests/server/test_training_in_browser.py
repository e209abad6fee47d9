"""The face Train in a real Chromium: models are trained, watched, stopped, kept and forgotten."""

from __future__ import annotations

import itertools
import json
import math
from urllib.parse import quote

import pytest
from page_browser import Page, address_of
from words import WORDS

from tokgen.server.training_desk import TrainingDesk

pytestmark = pytest.mark.slow

PASTED = "\n".join(WORDS)
OPTIONS = {"embedding": 2, "hidden": 8, "evaluate_every": 20, "patience": 0, "batch_size": 16}
FAMILY = f"train=mlp:{quote(json.dumps(OPTIONS))}"
TINY = f"view=train&text=ba&seed=3&{FAMILY}"
IMG = "<img src=x onerror=alert(1)>"
# A page that has just been opened has none of these elements yet.
ENDED = "() => document.querySelector('.train .keep')?.hidden === false"
RUNNING = "() => document.querySelector('.run .stop')?.disabled === false"


@pytest.fixture
def address(names, browser):
    desk = TrainingDesk()
    with address_of(names, desk=desk) as found:
        yield found
    desk.close()


@pytest.fixture
def opening(browser, address):
    """Pages of a server that trains; nothing may have gone wrong in any of them."""
    pages, contexts = [], []

    def opened(link=TINY, ready=".train-form textarea", **settings):
        settings = {"viewport": {"width": 1280, "height": 720}, **settings}
        contexts.append(browser.new_context(**settings))
        pages.append(Page(contexts[-1], address))
        return pages[-1].open(link, ready=ready)

    yield opened
    for each in contexts:
        each.close()
    assert [page.wrong for page in pages if page.wrong] == []


@pytest.fixture
def page(opening):
    return opening()


def paste(page, words=PASTED):
    page.page.get_by_label("Documents").select_option("words of your own")
    page.page.get_by_label("Words, one a line").fill(words)


def press(page, name):
    page.page.get_by_role("button", name=name, exact=True).click()


def train(page, steps, words=PASTED):
    paste(page, words)
    page.page.get_by_label("Steps at most").fill(str(steps))
    press(page, "Train")


def reading(page):
    return page.page.locator("svg.curve").get_attribute("aria-valuetext")


def last_answer(page):
    """What the server says of the training now, asked as the page asks."""
    body = {**page.bodies("train/watch")[-1], "since": None}
    answer = page.page.request.post(f"{page.address}/page/train/watch", data=body)
    return answer.json()


def test_a_training_is_watched_to_its_end(page):
    train(page, 60)
    assert page.text(".about") == "The training begins…"
    page.until(ENDED)
    (body,) = page.bodies("train")
    assert body == {
        "words": PASTED,
        "model": "mlp",
        "options": OPTIONS,
        "steps": 60,
        "seed": 3,
    }
    told = last_answer(page)
    last = [each for each in told["losses"] if each["validation"] is not None][-1]
    assert last["step"] == 60
    measured = sum(each["validation"] is not None for each in told["losses"])
    assert page.page.locator("svg.curve circle.validation").count() == measured > 1
    assert page.page.locator("svg.curve polyline").count() == 1
    symbols = told["next"]["symbols"]
    assert reading(page) == (
        f"step 60: training loss {told['losses'][-1]['train']:.2f}, "
        f"validation loss {last['validation']:.2f} nats per token. "
        f"guessing evenly: ln {len(symbols)} = {math.log(len(symbols)):.2f}; "
        f"the n-gram has {ngram_loss(page):.2f}"
    )
    assert page.text(".about").startswith(told["verdict"])
    assert page.text(".heard").startswith(told["verdict"])
    bars = page.page.locator(".train .bars button")
    assert bars.count() == len(symbols)
    for at, symbol in enumerate(symbols):
        label = bars.nth(at).get_attribute("aria-label")
        name = symbol if at != told["next"]["end_id"] else f"{symbol} (end of document)"
        assert label.startswith(f"{name}: before training ")
        assert label.endswith(f", now {shown_percent(told['next']['now'][at])} %")
    assert_apart(page, "svg.map .sign text")
    x, y = told["embeddings"]["now"][0]
    spoken = page.page.locator("svg.map").get_attribute("aria-label")
    assert f"{symbols[0]} {x:.1f}, {y:.1f};" in spoken
    vowels = page.page.locator("svg.map .vowel text").all_text_contents()
    assert set(vowels) == set("aeiou") & set(symbols)


def assert_apart(page, selector):
    """No letter covers the middle of another."""
    boxes = [each.bounding_box() for each in page.page.locator(selector).all()]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    for one, other in itertools.combinations(middles, 2):
        assert math.dist(one, other) > 12


def test_labels_of_equal_and_near_points_are_moved_apart(page):
    points = [[0, 0], [0, 0], [1, 0], [0, 9], [100, 100]]
    script = "async points => (await import('/page/apart.js')).apart(points, 10)"
    places = page.page.evaluate(script, points)
    for one, other in itertools.combinations(places, 2):
        assert math.dist(one, other) > 9.9
    assert math.dist(places[-1], points[-1]) < 0.1
    assert all(math.dist(place, point) < 15 for place, point in zip(places, points, strict=True))


def ngram_loss(page):
    answer = page.page.request.post(f"{page.address}/page/facts", data={})
    return answer.json()["training"]["job"]["ngram"]


def shown_percent(share):
    if share < 0.0005:
        return "<0.1"
    return f"{100 * share:.{1 if share < 0.0995 else 0}f}"


def test_a_training_is_stopped_kept_under_a_name_and_stepped_with(page):
    train(page, 5000)
    page.until("() => document.querySelectorAll('circle.validation').length > 0")
    page.until("() => document.querySelector('.figures').textContent.includes('validation')")
    page.until(
        "() => /^step [0-9,]+ of 5,000, validation loss [0-9.]+ nats per token$/.test("
        "document.querySelector('.heard').textContent)"
    )
    press(page, "Stop")
    page.until(ENDED)
    assert "was stopped at step" in page.text(".about")
    assert page.page.evaluate("document.activeElement.closest('label').textContent") == "Name "
    told = last_answer(page)
    page.page.keyboard.type("mine")
    page.press("Enter")
    page.says("The other views now show kept:mine.")
    page.page.get_by_role("tab", name="Step").click()
    page.page.wait_for_selector(".step .bars button")
    assert page.bodies("step")[-1]["model"] == "kept:mine"
    page.until(
        "count => document.querySelectorAll('.step .bars button').length === count",
        len(told["next"]["symbols"]),
    )
    label = page.page.locator(".step .bars button").first.get_attribute("aria-label")
    share = shown_percent(told["next"]["now"][0])
    assert label == f"a: the model says {share} %, after the samplers {share} %"
    assert "model=kept:mine" in page.link()


def test_a_page_that_is_opened_again_finds_the_training(page, opening):
    train(page, 5000)
    page.until(RUNNING)
    page.until("() => document.querySelector('.figures').textContent.includes('validation')")
    page.page.reload()
    page.until("() => document.querySelector('.figures')?.textContent.includes('validation')")
    other = opening()
    other.until("() => document.querySelector('.figures')?.textContent.includes('validation')")
    press(other, "Stop")
    page.until(ENDED)
    press(page, "Forget")
    page.until("() => document.querySelector('.train').classList.contains('idle')")
    assert page.page.evaluate("document.activeElement.textContent") == "Train"


def chosen(page):
    """What the form shows: the documents, the model and the steps."""
    labels = ["Documents", "Model to train", "Steps at most"]
    return [page.page.get_by_label(label).input_value() for label in labels]


def test_the_form_begins_with_the_family_and_the_corpus_of_the_open_model(opening):
    for model, family in (("mlp", "mlp"), ("gru", "gru")):
        page = opening(f"view=train&model=indian-names/{model}")
        assert chosen(page) == ["indian-names", family, ""]


def test_the_form_shows_what_the_training_was_started_with(page, opening):
    train(page, 5000)
    page.until(RUNNING)
    other = opening("view=train")
    other.until(RUNNING)
    assert chosen(other) == ["", "mlp", "5000"]
    assert other.page.get_by_label("mlp: hidden, as a number").input_value() == "8"
    page.page.reload()
    page.until(RUNNING)
    assert chosen(page) == ["", "mlp", "5000"]
    assert page.page.get_by_label("Words, one a line").input_value() == PASTED
    press(page, "Stop")
    other.until(ENDED)


def test_a_training_goes_on_while_another_face_is_shown(page):
    train(page, 5000)
    page.until(RUNNING)
    page.page.get_by_role("tab", name="Step").click()
    page.page.wait_for_selector(".step .bars button")
    before = len(page.bodies("train/watch"))
    with page.page.expect_response("**/page/train/watch"):
        pass
    page.page.wait_for_timeout(2000)
    assert len(page.bodies("train/watch")) <= before + 2
    page.page.get_by_role("tab", name="Train").click()
    page.page.wait_for_timeout(2000)
    assert len(page.bodies("train/watch")) > before + 3
    press(page, "Stop")
    page.until(ENDED)


def test_who_comes_second_sees_the_training_that_runs(page, opening):
    other = opening()
    train(page, 5000)
    page.until(RUNNING)
    train(other, 60)
    other.says("Another training runs")
    other.until("() => document.querySelector('.figures').textContent.includes('of 5,000')")
    press(page, "Stop")
    other.until(ENDED)
    other.wrong[:] = [each for each in other.wrong if "409" not in each]


def test_what_the_server_refuses_is_said(page, opening):
    train(page, 60, words="")
    page.says("The pasted text")
    paste(page)
    page.page.get_by_label("mlp: hidden, as a number").fill("10000")
    page.press("Tab")
    page.page.get_by_label("mlp: embedding, as a number").fill("10000")
    page.press("Tab")
    press(page, "Train")
    page.says("are trained here.")
    page.page.get_by_label("mlp: hidden, as a number").fill("8")
    page.press("Tab")
    page.page.get_by_label("mlp: embedding, as a number").fill("2")
    page.press("Tab")
    page.page.get_by_label("Steps at most").fill("5000")
    press(page, "Train")
    page.until(RUNNING)
    assert page.text("#said") == ""
    other = opening()
    page.wrong[:] = [each for each in page.wrong if "422" not in each]
    other.until(RUNNING)
    press(other, "Stop")
    page.until(ENDED)
    page.page.get_by_role("textbox", name="Name").fill(IMG)
    press(page, "Keep")
    page.says("a name has 1 to 40 letters")
    assert page.page.locator("img").count() == 0
    page.wrong[:] = [each for each in page.wrong if "422" not in each]


def test_words_of_ones_own_are_text_and_stay_out_of_the_link(page):
    train(page, 20, words=f"{IMG}\nabc\nabd")
    page.until(ENDED)
    assert page.page.locator("img").count() == 0
    assert "<" in page.texts(".train .bars .letter")
    assert "img" not in page.link()
    assert "steps=20" in page.link()
    page.page.locator("#typed").fill("9")
    page.until("() => document.querySelector('.refused').textContent.includes('9')")
    page.page.locator("#typed").fill("ab")
    page.until("() => document.querySelector('.train .legend').textContent.includes('a b')")
    page.page.locator(".train .bars button", has_text="c").first.click()
    page.until("() => document.getElementById('typed').value === 'abc'")


def test_that_nothing_is_held_out_is_said_once(page):
    train(page, 20, words="abc")
    page.until(ENDED)
    assert page.text(".about") == (
        "The training is done. "
        "No document is held out: the corpus is too small to tell what the model is worth."
    )


def test_what_was_said_of_another_text_does_not_stay(opening):
    page = opening("text=ab&seed=1", ready=".step .bars button")
    end = page.page.locator(".bars button").last

    def whole_document():
        end.click()
        page.says("ab is a whole document")

    whole_document()
    page.page.locator("#typed").fill("mo")
    page.until("() => document.getElementById('said').textContent === ''")
    page.page.locator("#typed").fill("ab")
    page.until("() => document.querySelectorAll('.cell').length === 4")
    whole_document()
    page.page.get_by_role("tab", name="Train").click()
    assert page.text("#said") == ""
    page.page.get_by_role("tab", name="Step").click()
    page.says("ab is a whole document")


def test_an_emptied_number_is_the_default_again(page):
    def write(option, number):
        page.page.get_by_label(f"mlp: {option}, as a number").fill(number)
        page.press("Tab")
        return page.page.get_by_label(f"mlp: {option}, as a number").input_value()

    page.page.locator(".train-form summary").click()
    assert write("weight_decay", "0.5") == "0.5"
    assert "weight_decay=0.5" in page.link()
    assert write("weight_decay", "") == ""
    assert "weight_decay" not in page.link()
    assert write("hidden", "") == "512"
    paste(page)
    press(page, "Train")
    page.until(RUNNING)
    (body,) = page.bodies("train")
    assert "weight_decay" not in body["options"]
    assert body["options"]["hidden"] == 512
    press(page, "Stop")
    page.until(ENDED)


def test_everything_is_done_by_keyboard(page):
    reached = []

    def tab_to(name):
        for _ in range(60):
            page.press("Tab")
            element = "document.activeElement"
            label = page.page.evaluate(
                f"{element}.getAttribute('aria-label') ?? {element}.labels?.[0]?.textContent "
                f"?? {element}.textContent"
            )
            reached.append(label)
            if label.startswith(name):
                assert page.page.evaluate(f"getComputedStyle({element}).outlineStyle") == "solid"
                return
        raise AssertionError(f"{name} is not reached: {reached}")

    tab_to("Documents")
    page.press("End")
    tab_to("Words")
    page.page.keyboard.type(PASTED)
    tab_to("Steps")
    page.page.keyboard.type("60")
    page.press("Enter")
    page.until(ENDED)
    page.page.evaluate("document.querySelector('.skip').focus()")
    tab_to("Loss by step")
    last = reading(page)
    page.press("ArrowLeft")
    assert reading(page) != last
    page.press("Home")
    assert reading(page).startswith("step 0: ")
    page.press("End")
    assert reading(page) == last
    tab_to(page.page.locator(".train .bars button").first.get_attribute("aria-label"))
    before = page.page.locator("#typed").input_value()
    page.press("ArrowRight", "Enter")
    page.until("before => document.getElementById('typed').value.length > before.length", before)


def test_a_family_without_steps_is_trained(page):
    paste(page)
    page.page.get_by_label("Model to train").select_option("ngram")
    assert page.page.get_by_label("Steps at most").is_disabled()
    press(page, "Train")
    page.until(ENDED)
    label = page.page.locator(".train .bars button").first.get_attribute("aria-label")
    assert label.startswith("a: now ")
    assert page.page.locator(".learnt").is_hidden()
    assert "before training" not in page.text(".train .legend")


def test_a_link_says_what_is_trained_whatever_is_held(page, opening):
    train(page, 20)
    page.until(ENDED)
    other = opening("view=train&seed=3&train=ngram:order=2&corpus=indian-names")
    other.until(ENDED)
    assert chosen(other)[:2] == ["indian-names", "ngram"]
    assert other.page.get_by_label("ngram: order, as a number").input_value() == "2"


MAP = """async places => {
    const { embeddingMap } = await import("/page/embedding_map.js");
    const map = embeddingMap();
    document.querySelector(".train").append(map.element);
    map.element.style.height = map.element.style.width = "300px";
    return places.map(now => {
        map.show({ job: "one", embeddings: { symbols: ["a", "b"], now } });
        const marks = [...map.element.querySelectorAll(".tick.up")];
        return Math.max(...marks.map(mark => Number(mark.textContent)));
    });
}"""


def test_the_map_is_as_large_as_what_lies_on_it(page):
    far, near = [[3.2, 3.1], [-1, 0]], [[0.3, 0.6], [-0.2, 0.1]]
    assert page.page.evaluate(MAP, [near, far, near]) == [1, 3, 1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_all_fits(opening, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opening(color_scheme=scheme)

    def check(when):
        found = axe.run(page.page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], when

    check("before")
    train(page, 5000)
    page.until("() => document.querySelector('.figures').textContent.includes('validation')")
    check("while it runs")
    press(page, "Stop")
    page.until(ENDED)
    check("at the end")
    extent = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    for width, height in ((1280, 720), (1920, 1080)):
        page.page.set_viewport_size({"width": width, "height": height})
        assert page.page.evaluate(extent) == [width, height]
    page.page.set_viewport_size({"width": 400, "height": 800})
    assert page.page.evaluate(extent)[0] == 400


@pytest.mark.parametrize(("motion", "seconds"), [("reduce", "0s"), ("no-preference", "0.2s")])
def test_bars_glide_only_where_motion_is_wanted(opening, motion, seconds):
    page = opening(reduced_motion=motion)
    train(page, 20)
    page.page.wait_for_selector(".train .bars .final", state="attached")
    moved = "getComputedStyle(document.querySelector('.train .bars .final')).transitionDuration"
    assert page.page.evaluate(moved) == seconds


def test_a_server_that_trains_nothing_says_so(names, browser):
    with address_of(names) as found:
        page = Page(browser.new_context(), found).open(TINY, ready=".train .off")
        assert "tokgen serve --allow-training" in page.text(".off")
        assert page.page.locator(".train-form").count() == 0
        page.context.close()
