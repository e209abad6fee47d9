"""A model that is told columns, for each thing that can be given: all documents written down.

What is drawn by chance is that of the plain model whose table is the one of what is given.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from overlapping import session_of
from small_tokenizers import OVERLAPPING
from told_models import COLUMNS, GIVEN, KNOWN, documents, plain_model, told_model

from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.text_model.analysis import analyze
from tokgen.text_model.divergence import compare
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.posterior import posterior
from tokgen.text_model.tree import generation_tree

pytestmark = pytest.mark.parametrize("given", GIVEN, ids=str)
ENDING = Conditions(suffix="esh")
CHAIN = parse_chain(["top_k:k=4", "temperature:t=0.8"])


@pytest.fixture(params=["markov", "unbounded"])
def unbounded(request):
    return request.param == "unbounded"


@pytest.fixture
def model(unbounded):
    return told_model(unbounded=unbounded)


@pytest.fixture
def plain(given, unbounded):
    return plain_model(given, unbounded=unbounded)


def masses(given):
    """The probability of each text, over its spellings, and of its best one."""
    total, best = defaultdict(float), defaultdict(float)
    for ids, probability in documents(given).items():
        text = OVERLAPPING.decode(ids)
        total[text] += probability
        best[text] = max(best[text], probability)
    return total, best


def shown(found):
    return [(each.text, each.logprob, each.logprob_drawn) for each in found]


def test_scores_are_those_of_the_table_given(model, given):
    found = documents(given)
    texts = ["esh", "lash", "", "heh"]
    for text, score in zip(texts, model.score_all(texts, given), strict=True):
        expected = found[tuple(OVERLAPPING.encode(text))]
        assert score.logprob == pytest.approx(math.log(expected))
        assert score.given == given
        assert model.score(text, given).logprobs == score.logprobs


ASKED = {
    "nothing": {},
    "prefix": {"prefix": "es"},
    "samplers": {"samplers": CHAIN},
    "condition": {"conditions": ENDING},
    "all": {"conditions": ENDING, "samplers": CHAIN, "prefix": "l"},
    "unique": {"unique": True},
    "novel": {"unique": True, "conditions": Conditions(novel=True)},
    "far": {"conditions": Conditions(novel_distance=1)},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_what_is_drawn_is_drawn_from_what_is_given(model, plain, given, asked):
    drawn = shown(model.generate(60, seed=4, given=given, **asked))
    assert drawn == shown(plain.generate(60, seed=4, **asked))
    found = documents(given)
    of_text = defaultdict(list)
    for ids, probability in found.items():
        of_text[OVERLAPPING.decode(ids)].append(math.log(probability))
    for text, logprob, _ in drawn:
        if len(text) <= 4:
            assert min(abs(logprob - each) for each in of_text[text]) < 1e-9


def test_lines_in_bulk_are_those_of_what_is_given(model, plain, given):
    request = GenerationRequest(3000, seed=2, prefix="l")
    told = model.told(given).generation(request).documents()
    lines = plain.generation(request).documents()
    assert [each.text for each in told] == [each.text for each in lines]


def test_the_most_probable_are_those_of_what_is_given(model, given):
    _, best = masses(given)
    expected = sorted(best, key=lambda text: -best[text])[:12]
    found = list(model.top(count=12, given=given))
    assert [each.text for each in found] == expected
    for each in found:
        assert each.logprob == pytest.approx(math.log(best[each.text]))


def test_the_most_probable_under_a_condition(model, given):
    _, best = masses(given)
    fitting = [text for text in best if text.endswith("esh")]
    expected = sorted(fitting, key=lambda text: -best[text])[:5]
    found = itertools.islice(model.top(conditions=ENDING, given=given), 5)
    assert [each.text for each in found] == expected


def test_a_tree_has_the_probabilities_of_what_is_given(model, given):
    told = model.told(given)
    growth = Growth.begin(told.model, SamplerChain(), told.beginning(""))
    root = generation_tree(OVERLAPPING, growth, 2, 30)
    found = documents(given)
    for child in root.children:
        for below in child.children:
            if below.ended:
                assert below.path_prob == pytest.approx(found[child.ids])


def test_a_prefix_is_spelt_by_what_is_given(model, given):
    """What follows `es`, of which the last token may become `esh`: summed over all documents."""
    following = model.next("es", given=given)
    assert following.given == given
    found = documents(given)
    first = defaultdict(float)
    for ids, probability in found.items():
        if OVERLAPPING.decode(ids).startswith("es"):
            first[ids[0]] += probability
    total = sum(first.values())
    for token, probability in first.items():
        assert math.exp(following.logprobs[token]) == pytest.approx(probability / total, rel=0.02)
    told = model.told(given)
    mass = math.exp(told.prefix_logprob(told.beginning("es")))
    assert mass == pytest.approx(total, rel=0.02)


def test_figures_are_those_of_what_is_given(model, plain, given):
    figures = analyze(model, model.source(given=given))
    assert figures.pop("given", {}) == given
    assert figures == analyze(plain, plain.source())
    if model.model.context_length is not None:
        total, _ = masses(given)
        assert figures["in_corpus"] == pytest.approx(sum(total[text] for text in KNOWN))
        assert figures["in_train"] == pytest.approx(total["esh"] + total["a"])
        under = analyze(model, model.source(conditions=ENDING, given=given))
        expected = sum(mass for text, mass in total.items() if text.endswith("esh"))
        assert under["condition_prob"] == pytest.approx(expected, rel=0.02)
    assert posterior(model, model.source(given=given)) == posterior(plain, plain.source())


def test_a_model_told_nothing_is_some_way_from_one_that_is_told(model, plain, given):
    """Each of the two is told what it is told; the other may be told no columns at all."""
    told = model.told(given)
    figures = compare(told, told.source(), model)
    against = compare(plain, plain.source(), plain_model({}))
    assert figures.keys() == compare(told, told.source(), plain).keys()
    if model.model.context_length is not None:
        assert figures == pytest.approx(against)
        assert compare(told, told.source(), plain)["kl_nats"] == pytest.approx(0, abs=1e-12)


def test_how_it_comes_to_it_is_told_of_what_is_given(model, plain, given):
    (step,) = model.explain("la", given)
    np.testing.assert_array_equal(step.values, plain.explain("la")[0].values)


def test_a_session_makes_the_documents_of_what_is_given(model, plain, given):
    written = " ".join(f"{column}={value}" for column, value in given.items()) or "unknown"
    sessions = [session_of(each, CHAIN) for each in (model, plain)]
    list(sessions[0].handle(f":given {written}"))
    for line in ("es", "", "", ":tree 2 3", ":top 3", ":names 5", ":score", ":score la", ":why"):
        told, expected = (repr([*each.handle(line)]) for each in sessions)
        assert told.replace(f"given={given}", "given={}") == expected


def test_what_was_given_is_forgotten_by_what_is_told_anew(model, plain, given):
    """The model itself is told nothing, whatever was asked of it before."""
    told = model.told({"colour": "red"}).told(given)
    assert shown(told.generate(5, seed=1)) == shown(plain.generate(5, seed=1))
    assert model.given == {}
    assert model.next("l").logprobs.tolist() == model.next("l", given={}).logprobs.tolist()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"color": "red"}, "is told no column 'color'. Did you mean colour=red?"),
        ({"color": "blue"}, "is told no column 'color'. Did you mean 'colour'?"),
        ({"colour": "whyte"}, "knows no colour=whyte. Did you mean 'white'?"),
        ({"colour": "unknown"}, "knows no colour=unknown. There are: red, white."),
    ],
)
def test_what_cannot_be_told_is_refused(model, given, wrong, said):
    with pytest.raises(RequestError) as refused:
        model.generate(1, given=given | wrong)
    assert said in str(refused.value)


def test_a_model_that_is_told_nothing_refuses_it(plain, given):
    with pytest.raises(RequestError, match="is told no columns, so that colour=red cannot be"):
        plain.next("l", given={"colour": "red"})
    assert set(COLUMNS) == {"colour", "size"}
