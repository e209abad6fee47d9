"""The page in a real Chromium: each face, by mouse and by keyboard, without an error in it."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace

import pytest
from overlapping import Overlapping, table_model, text_model
from page_browser import address_of
from running import tokgen

from tokgen.server.access import Access

pytestmark = pytest.mark.slow

SIZES = {"small": (1280, 720), "projector": (1920, 1080)}
IMG = "<img src=x onerror=alert(1)>"
CHAIN = "sampler=temperature:t=0.7&sampler=top_p:p=0.9&seed=11"
FACES = {
    "step": (f"text=abi&{CHAIN}", ".bars button"),
    "long": (f"text={'ab' * 40}&{CHAIN}&model=indian-names/told", "#given select"),
    "tree": ("view=tree&text=sha&seed=1", "svg .node"),
    "inside": ("view=inside&text=abi&seed=1", ".inside .columns"),
    "counts": ("view=inside&text=abi&seed=1&model=indian-names/ngram", ".inside .columns"),
    "exact": ("view=exact&seed=1&pattern=?a?esh", ".names li"),
    "compare": ("view=compare&text=abi&seed=1&other=indian-names/ngram", ".half.b .bars button"),
}


@pytest.fixture(scope="module")
def address(names, browser):
    with address_of(names) as found:
        yield found


@pytest.fixture
def page(opening, address):
    width, height = SIZES["small"]
    return opening(address, viewport={"width": width, "height": height})


def printed(*typed, model="mlp"):
    """The one line of JSON that the command line prints of a model."""
    (row,) = tokgen(*typed, "--model", model, "--json").rows
    return row


def test_enter_draws_the_document_that_the_command_line_makes(page):
    page.open(f"text=sh&{CHAIN}")
    page.page.locator("#typed").focus()
    page.press("Shift+Enter")
    page.says("is a whole document of")
    options = "-n 1 --prefix sh --seed 11 --sampler temperature:t=0.7 --sampler top_p:p=0.9"
    done = tokgen("generate", "--model", "mlp", *options.split())
    assert page.text("#said").startswith(done.out.strip() + " is a whole document")
    why = page.text(".cumulative .note")
    number, low, high = map(float, re.findall(r"\d\.\d{4}", why))
    assert low <= number <= high
    assert page.page.locator(".cumulative .part.chosen").count() == 1


def test_bars_are_those_of_next(page):
    page.open(f"text=abi&{CHAIN}")
    assert len(page.texts(".bars .letter")) == 27
    told = printed("next", "abi")
    probs = {each["token"]: each["prob"] for each in told["next"]}
    said = page.page.locator(".bars button").nth(13).get_attribute("aria-label")
    assert said.startswith(f"n: the model says {100 * probs['n']:.0f} %, after the samplers")
    removed = page.page.locator(".bars .removed")
    assert removed.first.get_attribute("aria-label").endswith("removed by top_p")


def test_a_bar_is_forced_and_taken_back_and_branches_are_walked(page):
    page.open("text=ab&seed=1")
    page.page.locator(".bars button", has_text="h").first.click()
    page.until("() => document.querySelectorAll('.cell.drawn').length === 1")
    page.page.locator("#said").click()
    page.press("ArrowLeft")
    page.until("() => document.querySelectorAll('.cell.drawn').length === 0")
    page.press("ArrowRight")
    page.until("() => document.querySelectorAll('.cell.drawn').length === 1")
    page.press("ArrowLeft")
    page.page.locator(".bars button").first.focus()
    page.press("ArrowRight", "ArrowRight", "Enter")
    page.until("() => document.querySelectorAll('.branch').length === 3")
    assert page.texts(".branch") == ["ab", "h", "c"]
    page.page.locator(".branch", has_text="h").click()
    page.until("() => document.querySelector('.cell.drawn .token').textContent === 'h'")
    assert page.texts(".cell.seen .token") == ["a", "b", "h"]


def test_one_request_at_a_time_and_the_latest_wins(page):
    page.open("text=ab&seed=1&sampler=temperature:t=1")
    page.page.wait_for_load_state("networkidle")
    held = []

    def hold_the_first(route):
        if held:
            route.continue_()
        else:
            held.append(route)

    page.page.route("**/page/step", hold_the_first)
    before = len(page.bodies("step"))
    slider = page.page.locator("input[type=range]")
    for value in range(11, 31):
        slider.fill(str(value / 10))
    page.page.wait_for_timeout(50)
    assert len(page.bodies("step")) == before + 1
    held[0].continue_()
    told = printed("next", "ab", "--temp", "3")
    entropy = f"entropy {told['entropy_bits']:.2f} bits"
    page.until("text => document.querySelector('.figure').textContent === text", entropy)
    asked = [body["samplers"] for body in page.bodies("step")[before:]]
    assert asked == [["temperature:t=1.1"], ["temperature:t=3"]]


def test_a_slider_makes_no_branch_anew(page):
    page.open("text=ab&seed=1&sampler=temperature:t=1")
    page.page.wait_for_load_state("networkidle")
    page.page.evaluate("window.branch = document.querySelector('.branch')")
    with page.page.expect_response("**/page/step"):
        page.page.locator("input[type=range]").fill("2")
    assert page.page.evaluate("window.branch === document.querySelector('.branch')")


def test_samplers_are_added_and_moved_by_keyboard_and_by_mouse(page):
    page.open("text=ab&seed=1&sampler=temperature:t=0.5")
    page.page.get_by_label("Samplers: add a sampler").select_option("top_k")
    page.until("() => document.querySelectorAll('.samplers li').length === 2")
    page.page.locator(".handle").nth(1).focus()
    page.press("ArrowUp")
    assert page.texts(".samplers label") == ["top_k", "temperature"]
    assert "sampler=top_k:k=5&sampler=temperature:t=0.5" in page.link()
    page.until("() => document.querySelector('.effect').textContent.includes('22 tokens')")
    handles = page.page.locator(".handle")
    handles.nth(0).drag_to(handles.nth(1))
    assert page.texts(".samplers label") == ["temperature", "top_k"]
    page.page.get_by_label("top_k", exact=True).uncheck()
    page.until("() => !document.querySelector('.samplers').textContent.includes('22 tokens')")
    assert page.bodies("step")[-1]["samplers"] == ["temperature:t=0.5"]


def test_a_sampler_is_added_by_keyboard_once_it_is_confirmed(page):
    page.open("text=ab&seed=1")
    add = page.page.get_by_label("Samplers: add a sampler")
    page.page.locator(".chain .add select").focus()
    page.page.keyboard.type("top_k")
    page.until("() => document.activeElement.value === 'top_k'")
    assert page.page.locator(".samplers li").count() == 0
    page.press("Enter")
    page.until("() => document.querySelectorAll('.samplers li').length === 1")
    assert page.texts(".samplers label") == ["top_k"]
    assert add.input_value() == ""
    page.page.keyboard.type("temp")
    page.press("Tab", "Enter")
    page.until("() => document.querySelectorAll('.samplers li').length === 2")


def test_a_letter_tells_what_was_likelier(page):
    page.open("text=abid&seed=1", ready=".cell")
    page.page.locator(".cell", has_text="d").last.hover()
    score = printed("score", "abid")
    told = printed("next", "abi", "--rows", "6")
    assert page.texts(".alternative b") == [each["token"] for each in told["next"]]
    bits = -score["logprobs"][3] / math.log(2)
    assert page.texts(".cell .bits")[3] == f"{bits:.1f}"


def test_a_link_holds_the_whole_state(page, opening, address):
    page.open(f"text=sh&{CHAIN}&model=indian-names/told&given=gender=f")
    page.page.locator("#said").click()
    page.press("Enter")
    page.says("was drawn")
    page.press("Enter")
    page.until("() => document.querySelectorAll('.cell.drawn').length === 2")
    page.press("ArrowLeft")
    page.until("() => document.querySelectorAll('.cell.drawn').length === 1")
    page.page.wait_for_load_state("networkidle")
    other = opening(address).open(page.link(), ready=".cell.drawn")
    for name in ("step", "path", "facts"):
        assert other.bodies(name)[-1] == page.bodies(name)[-1]
    assert other.texts(".branch") == page.texts(".branch")
    for text in ("#said", ".cumulative .note"):
        assert other.text(text) == page.text(text)
    for each in (page, other):
        each.page.get_by_role("button", name="Draw").click()
        each.until("() => document.querySelectorAll('.cell.drawn').length === 2")
    assert other.bodies("draw")[-1] == page.bodies("draw")[-1]
    assert other.bodies("draw")[-1]["sequence"] == 1


def test_what_the_model_sees_is_called_so(page):
    page.open("seed=1", ready=".cell.ghost")
    assert page.text(".sees") == "the model sees"
    assert (
        page.page.locator(".cell.ghost")
        .first.get_attribute("title")
        .startswith("- (end of document): what the model sees")
    )
    page.open("seed=1&model=indian-names/ngram&text=abi", ready=".cell.seen")
    assert page.page.locator(".sees").is_visible()


def test_a_tree_is_opened_on_demand(page):
    page.open(*FACES["tree"][:1], ready=FACES["tree"][1])
    page.page.locator("svg .node").nth(0).focus()
    before = page.page.locator("svg .node").count()
    page.press("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "Enter")
    page.until("count => document.querySelectorAll('svg .node').length > count", before)
    (body,) = page.bodies("tree")[1:]
    assert (body["depth"], len(body["drawn"])) == (1, 2)
    assert page.page.locator("svg text.rest").first.text_content().startswith("23 more: ")
    page.press("g")
    page.until("() => document.querySelectorAll('.cell.drawn').length === 2")


@pytest.mark.parametrize(
    ("model", "heads"),
    [
        ("mlp", ["ids of the tokens that the model sees", "rows of the embedding table"]),
        ("ngram", ["before anything is counted", "after bi: each token"]),
        ("transformer", ["attention of layer 1", "softmax"]),
    ],
)
def test_stages_stand_with_their_shapes(page, model, heads):
    page.open(f"view=inside&text=abi&seed=1&model=indian-names/{model}", ready=".inside .columns")
    text = page.text(".inside")
    assert all(head in text for head in heads)
    if model == "mlp":
        assert page.texts(".inside .shape")[:3] == ["3", "3 × 48", "144"]


def test_colours_and_bars_are_told_with_their_numbers(page):
    page.open("view=inside&text=abi&seed=1", ready=".inside .columns")
    page.page.wait_for_load_state("networkidle")
    told = page.page.request.post(f"{page.address}/page/explain", data={"typed": "abi"}).json()
    table = told["explanation"][0]["values"]
    most = max(abs(value) for row in table for value in row)
    assert page.texts(".scale")[0].split() == [f"−{most:.3g}", f"+{most:.3g}"]
    best = max(printed("next", "abi")["next"], key=lambda each: each["prob"])
    highest = f"highest: {best['token']} {100 * best['prob']:.0f} %"
    assert page.texts(".inside .note")[-1].startswith(highest)


def test_exact_figures_follow_a_pattern(page):
    page.open("view=exact&seed=1&pattern=mah*", ready=".names li")
    page.page.get_by_label("Pattern").first.fill("?a?esh")
    page.press("Enter")
    page.until("() => document.querySelector('.names b')?.textContent === 'mahesh'")
    told = printed("analyze", "--pattern", "?a?esh")
    assert f"{100 * told['condition_prob']:.3g} %" in page.text(".exact")
    assert len(page.page.locator(".positions > li").all()) == 7
    assert "pattern=?a?esh" in page.link()


def test_information_is_told_in_bits(page):
    page.open("view=exact&seed=1&pattern=?a?esh", ready=".names li")
    told = printed("analyze", "--pattern", "?a?esh")
    bits = told["kl_from_model_nats"] / math.log(2)
    assert f"KL divergence to the model alone, bits\n{bits:.2f}" in page.text(".exact")
    assert "nats" not in page.text(".exact")


def test_figures_are_there_before_the_most_probable_documents(page):
    held = []
    page.page.route("**/page/top", lambda route: held.append(route))
    page.open("view=exact&seed=1&pattern=?a?esh", ready=".figure dd")
    assert "Searching for the most probable documents" in page.text(".cards")
    page.until("() => document.querySelectorAll('.positions > li').length === 7")
    held[0].continue_()
    page.page.wait_for_selector(".names li")


def test_bounds_are_told_as_bounds(page):
    page.open("view=exact&seed=1&model=indian-names/gru&text=sharm", ready=".names li")
    text = page.text(".exact")
    assert "Bounds: " in text
    assert "mean length, characters, at least" in text
    assert re.search(r"\d %( or more)? have \d+ characters\.", text)
    assert "Most often" not in text


def test_the_mass_that_samplers_exclude_is_told(page):
    page.open("view=exact&seed=1&sampler=top_p:p=0.9", ready=".figure dd")
    page.until("() => document.querySelector('.exact').textContent.includes('excluded')")
    body = page.bodies("exact")[-1]
    told = page.page.request.post(f"{page.address}/page/exact", data=body).json()
    excluded = f"excluded, of the model's probability\n{100 * told['unreachable']:.3g} %"
    assert excluded in page.text(".exact")


def test_who_asks_for_something_else_stops_the_exact_work(page):
    page.open("text=ab&seed=1")
    held = []
    page.page.route("**/page/exact", lambda route: held.append(route))
    with page.page.expect_event("requestfailed"):
        page.page.get_by_role("tab", name="Exact").click()
        page.until("() => document.querySelector('.cards').textContent.startsWith('Computing')")
        page.page.get_by_role("tab", name="Step").click()
    assert page.text("#said") == ""
    page.page.unroute("**/page/exact")
    page.page.get_by_role("tab", name="Exact").click()
    page.page.wait_for_selector(".names li")


def test_two_models_stand_side_by_side(page):
    link, ready = FACES["compare"]
    page.open(link, ready=ready)
    for half, model in (("a", "mlp"), ("b", "ngram")):
        told = printed("next", "abi", model=model)
        prob = {each["token"]: each["prob"] for each in told["next"]}["n"]
        label = page.page.locator(f".half.{half} .bars button").nth(13).get_attribute("aria-label")
        assert label.startswith(f"n: the model says {100 * prob:.0f} %")
    heights = [
        page.page.locator(f".half.{half} .track").first.bounding_box()["height"] for half in "ab"
    ]
    assert heights[0] == pytest.approx(heights[1], abs=0.5)  # Equal probabilities are equally high.


def test_what_is_wrong_is_said_and_what_was_there_stays_but_is_grey(page):
    page.open("text=ab&seed=1")
    opacity = "getComputedStyle(document.querySelector('.bars')).opacity"
    draw = page.page.get_by_role("button", name="Draw", exact=True)
    page.page.locator("#typed").fill("ab1")
    page.says("'1'")
    page.until("() => document.getElementById('letters').inert")
    assert page.page.locator(".bars button").count() == 27
    assert float(page.page.evaluate(opacity)) < 0.5
    assert page.page.locator(".step").evaluate("step => step.inert")
    assert not page.page.get_by_role("heading", name="Branches").is_visible()
    assert draw.is_disabled()
    page.page.locator("#typed").fill("abi")
    page.until("() => document.getElementById('said').textContent === ''")
    page.until("() => !document.getElementById('letters').inert")
    assert page.page.evaluate(opacity) == "1"
    assert page.texts(".branch") == ["abi"]
    assert draw.is_enabled()
    page.wrong[:] = [each for each in page.wrong if "400" not in each]


def test_what_is_wrong_with_one_view_stays_until_it_is_answered(page):
    page.open("view=exact&text=sh&seed=1&pattern=1", ready="#said.error")
    page.page.wait_for_load_state("networkidle")
    assert page.text("#said") == page.text("#said.error")
    assert page.text(".cards") == ""
    page.page.get_by_label("Pattern").first.fill("sh?")
    page.press("Enter")
    page.page.wait_for_selector(".names li")
    assert page.text("#said") == ""
    page.wrong[:] = [each for each in page.wrong if "400" not in each]


def test_every_sampler_can_be_added(page):
    page.open("text=ab&seed=1")
    add = page.page.get_by_label("Samplers: add a sampler")
    names = [name for name in add.locator("option").all_inner_texts() if "…" not in name]
    refused = []
    for name in names:
        with page.page.expect_response("**/page/step") as answer:
            add.select_option(name)
        if answer.value.status != 200:
            refused.append(name)
        with page.page.expect_response("**/page/step"):
            page.page.locator(".samplers .head button").last.click()
    assert refused == ["ban", "logit_bias"]  # They need a text.
    add.select_option("ban")
    page.says("ban")
    page.page.get_by_label("ban: letters").fill("h")
    page.press("Enter")
    page.until("() => document.querySelectorAll('.bars .removed').length === 1")
    assert page.text("#said") == ""
    page.wrong[:] = [each for each in page.wrong if "400" not in each]


LINKS = [
    f"text={IMG}&seed=1",
    f"text=a&seed=1&sampler={IMG}",
    f"text=a&seed=1&model={IMG}",
    f"text=a&seed=1&given={IMG}={IMG}",
    f"view={IMG}&text=a&ids=x.1e9.-1&seed={IMG}&draws={IMG}&depth={IMG}",
    f"text=a&seed=1&view=exact&pattern={IMG}&length={IMG}",
    f"text=a&seed=1&view=compare&other={IMG}&other-sampler={IMG}",
    "text=a&ids=99999&seed=1",
]


def test_no_link_runs_anything(page):
    for link in LINKS:
        page.open(link, ready="#moves button")
        page.page.wait_for_load_state("networkidle")
        assert page.page.locator("img").count() == 0, link
    page.wrong[:] = [each for each in page.wrong if "Failed to load resource" not in each]


def test_names_of_models_corpora_and_tokens_are_text(opening, browser):
    tokenizer = Overlapping()
    model = text_model(table_model(tokenizer), tokenizer)
    model.metadata.model, model.metadata.corpus.name = SimpleNamespace(name=IMG), IMG
    with address_of(model) as found:
        page = opening(found).open("text=as", ready=".cell.rest")
        assert page.texts(".cell.rest .token") == ["as"]
        assert page.page.locator("#settings option").first.inner_text() == f"{IMG}/{IMG}"
        assert page.page.locator("img").count() == 0
        page.page.locator("#said").click()
        page.press("Shift+Enter")
        page.says("is a whole document")
        page.page.wait_for_load_state("networkidle")


def test_a_token_is_asked_for_and_kept_out_of_the_link(opening, names, browser):
    with address_of(names, Access("0.0.0.0", "sésame")) as found:
        page = opening(found).open("text=ab", ready="form.token input")
        page.page.get_by_label("Token", exact=True).fill("sésame")
        page.press("Enter")
        page.page.wait_for_selector(".bars button")
        assert "same" not in page.link()
        page.wrong[:] = [each for each in page.wrong if "401" not in each]
        opened = opening(found).open("token=s%C3%A9same&text=ab")
        assert "same" not in opened.link()


EXTENT = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"


def test_everything_fits_on_one_screen(page):
    for face, (link, ready) in FACES.items():
        page.open(link, ready=ready)
        for width, height in SIZES.values():
            page.page.set_viewport_size({"width": width, "height": height})
            assert page.page.evaluate(EXTENT) == [width, height], face


@pytest.mark.parametrize(
    ("scheme", "rules", "faces"),
    [
        ("light", None, ["step", "tree", "inside", "counts", "exact", "compare"]),
        ("dark", {"runOnly": ["color-contrast"]}, ["step", "inside", "exact"]),
    ],
)
def test_axe_finds_nothing(opening, address, scheme, rules, faces):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opening(address, color_scheme=scheme)
    for face in faces:
        link, ready = FACES[face]
        page.open(link, ready=ready)
        found = axe.run(page.page, options=rules).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], face


def test_every_control_is_reached_with_tab_and_shows_it(page):
    page.open(f"text=abi&{CHAIN}")
    page.page.evaluate("document.body.focus()")
    outlines, reached = [], []
    for _ in range(30):
        page.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        outlines.append(page.page.evaluate(f"{style}.outlineStyle"))
        name = "(e => e.getAttribute('aria-label') ?? e.textContent)(document.activeElement)"
        reached.append(page.page.evaluate(name))
        if reached[-1] == "abi":
            break
    assert set(outlines) == {"solid"}
    for wanted in ("Step", "Model", "Draw", "Sort by probability", "temperature: t", "abi"):
        assert wanted in reached
    assert sum("the model says" in each for each in reached) == 1


def test_nothing_moves_by_itself_where_motion_is_not_wanted(opening, address):
    moved = "getComputedStyle(document.querySelector('.cumulative .needle')).transitionDuration"
    for motion, seconds in (("reduce", "0s"), ("no-preference", "0.25s")):
        page = opening(address, reduced_motion=motion).open("text=ab")
        page.page.get_by_role("button", name="Draw", exact=True).click()
        page.page.wait_for_selector(".cumulative .needle", state="attached")
        assert page.page.evaluate(moved) == seconds
