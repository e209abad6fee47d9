"""One text in several spellings: what each question speaks of, against the enumeration of ids.

The tokenizers: pieces that overlap, pieces that split characters into bytes, and no pieces at all.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from functools import cache, partial
from types import SimpleNamespace

import numpy as np
import pytest
from enumeration import enumerate_documents
from levenshtein import is_far
from models import TableModel
from small_tokenizers import (
    OVERLAPPING,
    OVERLAPPING_BEGUN,
    SPLIT_BYTES,
    SPLIT_BYTES_BEGUN,
    WITHOUT_PIECES,
    WITHOUT_PIECES_BEGUN,
)

from tokgen.errors import TokgenError
from tokgen.exact.conditions import Conditions
from tokgen.exact.memory import memory_of
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.plugin_api import PluginOptions, Sampler
from tokgen.text_model.analysis import analyze
from tokgen.text_model.generation_plan import Method
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.text_model import TextModel

pytestmark = pytest.mark.slow

# Without a start id, and with one.
TOKENIZERS = {
    "overlapping": (OVERLAPPING, OVERLAPPING_BEGUN),
    "bytes": (SPLIT_BYTES, SPLIT_BYTES_BEGUN),
    "no pieces": (WITHOUT_PIECES, WITHOUT_PIECES_BEGUN),
}
KNOWN = {
    "overlapping": {"esh", "la", "sesh", "a"},
    "bytes": {"a", "é", "aé€", "🙂"},
    "no pieces": {"a", "aab", "bb", ""},
}
CONDITIONS = {
    "overlapping": [
        Conditions(suffix="esh"),
        Conditions(pattern="?a*sh"),
        Conditions(pattern="esh"),
        Conditions((2, 4)),
        Conditions(contains="la", novel=True),
        Conditions((1, 4), novel=True),
        Conditions(suffix="h", novel_distance=1),
    ],
    "bytes": [
        Conditions(suffix="é"),
        Conditions(pattern="?"),
        Conditions((1, 2)),
        Conditions(contains="a", novel=True),
    ],
    "no pieces": [
        Conditions(suffix="bb"),
        Conditions((2, 3)),
        Conditions(pattern="a?*"),
        Conditions(novel=True),
        Conditions(novel_distance=1),
    ],
}
DEPTH = 5


def meets(conditions, text, name):
    distance = conditions.novel_distance
    far = distance is None or is_far(text, KNOWN[name], distance)
    return far and conditions.met_by(text, KNOWN[name])


def model_for(tokenizer, seed=1):
    """It ends soon, so that documents of five tokens are nearly all; the same with a start id."""
    vocabulary = tokenizer.vocabulary
    weights = np.exp(TableModel.random(vocabulary.can_follow.sum(), 1, seed).table)
    weights[:, -1] += 1.5
    for start in vocabulary.beginning:
        weights = np.insert(weights, start, weights[-1], axis=0)
        weights = np.insert(weights, start, 0, axis=1)
    return TableModel.of_weights(weights, 1, vocabulary)


class Unbounded(TableModel):
    """The same model, which does not tell that its context is short."""

    def __init__(self, table):
        super().__init__(table.table, table.context_length, table.vocabulary)
        self.window, self.context_length = table.context_length, None

    def next_logprobs(self, prefixes):
        contexts = prefixes.padded(self.window, self.vocabulary.size - 1)
        return self.table[contexts @ (self.vocabulary.size ** np.arange(self.window)[::-1])]


def text_model(name, *, unbounded=False, started=False):
    tokenizer = TOKENIZERS[name][started]
    table = model_for(tokenizer)
    metadata = SimpleNamespace(model=SimpleNamespace(name="table"))
    model = Unbounded(table) if unbounded else table
    made = TextModel(SimpleNamespace(model=model, tokenizer=tokenizer, metadata=metadata))
    made.__dict__["known"] = frozenset(KNOWN[name])
    return speaking_of(made, SimpleNamespace(documents=[], split=lambda name: []))


def speaking_of(made, corpus):
    made.__dict__["_corpus"] = SimpleNamespace(rows=corpus, trained_on=corpus)
    return made


@cache
def documents_of(tokenizer):
    """Each document of up to five tokens with its probability; what is left of the mass."""
    found = enumerate_documents(model_for(tokenizer), DEPTH)
    return found, 1 - sum(found.values())


@cache
def masses_of(tokenizer):
    """Of each text its mass over all spellings, and the probability of its best one."""
    masses, best = defaultdict(float), defaultdict(float)
    for ids, probability in documents_of(tokenizer)[0].items():
        text = tokenizer.decode(ids)
        masses[text] += probability
        best[text] = max(best[text], probability)
    return masses, best


def masses_by_text(model, accepts=lambda text: True):
    masses, best = masses_of(model.tokenizer)
    accepted = list(filter(accepts, masses))
    _, left = documents_of(model.tokenizer)
    return {text: masses[text] for text in accepted}, {text: best[text] for text in accepted}, left


KINDS = {
    "markov": {},
    "unbounded": {"unbounded": True},
    "markov, start id": {"started": True},
    "unbounded, start id": {"unbounded": True, "started": True},
}


# All conditions without a start id, and one or two of each tokenizer with one.
CASES = [
    (kind, name, each)
    for kind, how in KINDS.items()
    for name, conditions in CONDITIONS.items()
    for each in (conditions[::4] if how.get("started") else conditions)
]


@pytest.fixture(params=KINDS)
def made(request):
    """What makes a text model of each kind, given the name of its tokenizer."""
    return partial(text_model, **KINDS[request.param])


@pytest.mark.parametrize(("kind", "name", "conditions"), CASES, ids=str)
def test_what_is_drawn_meets_the_conditions_as_text(kind, name, conditions):
    model = text_model(name, **KINDS[kind])
    count = 200 if conditions.novel_distance is None else 10
    request = GenerationRequest(count, conditions=conditions, seed=3)
    plan = model.generation(request).plan
    unbounded = model.model.context_length is None
    expected = Method.search if unbounded else Method.table
    checked = name == "no pieces" or (unbounded and conditions.novel_distance is not None)
    assert plan.method == (Method.rejection if checked else expected)
    texts = [each.text for each in model.generation(request).documents()]
    assert len(texts) == count
    for text in texts:
        assert meets(conditions, text, name), text


@pytest.mark.parametrize(("kind", "name", "conditions"), CASES, ids=str)
def test_how_often_a_text_is_drawn_is_the_mass_of_its_spellings(kind, name, conditions):
    model = text_model(name, **KINDS[kind])
    draws = 3000 if conditions.novel_distance is None else 100
    masses, _, left = masses_by_text(model, lambda text: meets(conditions, text, name))
    total = sum(masses.values())
    drawn = [each.text for each in model.generate(draws, conditions=conditions, seed=1)]
    likely = sorted(masses, key=masses.get, reverse=True)[:6]
    for text in likely:
        # The documents that were not enumerated can only make the share smaller.
        most, least = masses[text] / total, masses[text] / (total + left)
        deviation = 5 * math.sqrt(most / draws)  # five standard errors: 1 in 1.7 million
        assert least - deviation < drawn.count(text) / draws < most + deviation, text


@pytest.mark.parametrize(("kind", "name", "conditions"), CASES, ids=str)
def test_the_mass_of_a_condition_is_summed_over_spellings(kind, name, conditions):
    model = text_model(name, **KINDS[kind])
    masses, _, left = masses_by_text(model, lambda text: meets(conditions, text, name))
    least = sum(masses.values())
    figures = analyze(model, model.source(conditions=conditions))
    if "condition_prob" in figures:
        assert least <= figures["condition_prob"] * (1 + 1e-9)
        assert figures["condition_prob"] <= least + left + 1e-12
    else:
        assert figures["condition_prob_at_least"] <= least + left + 1e-12
        assert least <= figures["condition_prob_at_most"] * (1 + 1e-9)
        assert figures["condition_prob_at_least"] >= 0.9 * least


@pytest.mark.parametrize("name", TOKENIZERS)
def test_top_gives_each_text_once_by_its_best_spelling(name, made):
    model = made(name)
    _, best, left = masses_by_text(model)
    # What was not enumerated is less probable than these.
    expected = [each for each in sorted(best.values(), reverse=True) if each > left][:12]
    found = list(model.top(count=len(expected)))
    assert len({each.text for each in found}) == len(expected) >= 9
    for each, probability in zip(found, expected, strict=True):
        assert math.exp(each.logprob) == pytest.approx(probability)
        assert best[each.text] == pytest.approx(probability)


@pytest.mark.parametrize(("kind", "name", "conditions"), CASES, ids=str)
def test_top_under_conditions_is_the_best_of_what_meets_them(kind, name, conditions):
    model = text_model(name, **KINDS[kind])
    _, best, _ = masses_by_text(model, lambda text: meets(conditions, text, name))
    expected = sorted(best.values(), reverse=True)[:3]
    found = list(model.top(conditions=conditions, count=len(expected)))
    assert [math.exp(each.logprob) for each in found] == pytest.approx(expected)
    assert all(meets(conditions, each.text, name) for each in found)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_unique_gives_no_text_twice(name, made):
    texts = [each.text for each in made(name).generate(80, seed=0, unique=True)]
    assert len(texts) == len(set(texts)) == 80


@pytest.mark.parametrize("name", TOKENIZERS)
def test_unique_under_conditions_is_told_apart_by_text(name, made):
    conditions = Conditions((1, 2))
    found = made(name).generate(5, seed=0, unique=True, conditions=conditions)
    texts = [each.text for each in found]
    assert len(set(texts)) == len(texts) == 5
    assert all(1 <= len(text) <= 2 for text in texts)


@pytest.mark.parametrize(("name", "prefix"), [("overlapping", "s"), ("bytes", "é")])
def test_a_prefix_is_a_text_however_it_is_spelt(name, prefix, made):
    model, draws = made(name), 3000
    found = list(model.generate(draws, prefix=prefix, seed=2))
    assert all(each.text.startswith(prefix) for each in found)
    masses, _, left = masses_by_text(model, lambda text: text.startswith(prefix))
    total = sum(masses.values())
    texts = [each.text for each in found]
    for text in sorted(masses, key=masses.get, reverse=True)[:5]:
        most, least = masses[text] / total, masses[text] / (total + left)
        deviation = 5 * math.sqrt(most / draws)
        assert least - deviation < texts.count(text) / draws < most + deviation, text


def test_logprob_is_that_of_the_spelling_drawn_under_the_model_alone(made):
    model = made("overlapping")
    found, _ = documents_of(model.tokenizer)
    spellings = defaultdict(set)
    for ids, probability in found.items():
        spellings[model.tokenizer.decode(ids)].add(round(math.log(probability), 9))
    for asked in ({"prefix": "s"}, {"conditions": Conditions((2, 4))}, {"unique": True}, {}):
        for each in model.generate(50, seed=4, **asked):
            if len(each.text) <= DEPTH:
                assert round(each.logprob, 9) in spellings[each.text], (asked, each)


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("name", ["overlapping", "bytes"])
def test_length_law_counts_characters(name, started):
    model = text_model(name, started=started)
    found, left = documents_of(model.tokenizer)
    lengths = defaultdict(float)
    for ids, probability in found.items():
        # What is no whole character counts with its first byte alone.
        pieces = b"".join(model.tokenizer.pieces()[token] for token in ids)
        lengths[str(sum(byte & 0xC0 != 0x80 for byte in pieces))] += probability
    law = analyze(model, model.source())["lengths"]
    for length, mass in list(lengths.items())[:4]:
        assert mass <= law[length] * (1 + 1e-9) <= mass + left + 1e-9


@pytest.mark.parametrize("started", [False, True])
def test_the_corpus_mass_is_summed_over_spellings(started):
    model = text_model("overlapping", started=started)
    masses, _, left = masses_by_text(model, lambda text: text in KNOWN["overlapping"])
    corpus = SimpleNamespace(documents=sorted(KNOWN["overlapping"]), split=lambda name: ["a"])
    model = speaking_of(model, corpus)
    figures = analyze(model, model.source())
    # A text of at most four letters has at most four tokens, so that all spellings are there.
    assert figures["in_corpus"] == pytest.approx(sum(masses.values()))
    assert figures["in_train"] == pytest.approx(masses["a"])
    assert left > 0


class NoRepeat(Sampler):
    """A token that was drawn is not drawn again."""

    needs = "history"

    def apply(self, logprobs, context):
        changed = logprobs.copy()
        for row in range(len(logprobs)):
            changed[row, context.ids[row]] = -np.inf
        return changed


def test_samplers_with_a_history_are_searched():
    model = text_model("overlapping")
    chain = SamplerChain((ChainedSampler("no_repeat", NoRepeat(PluginOptions())),))
    conditions = Conditions(suffix="sh")
    request = GenerationRequest(100, samplers=chain, conditions=conditions)
    plan = model.generation(request).plan
    assert plan.method is Method.search
    assert "a sampler needs more than the distribution" in plan.reason
    for each in model.generation(request).documents():
        assert each.text.endswith("sh")
    for each in itertools.islice(model.top(samplers=chain), 50):
        ids = model.tokenizer.encode(each.text)
        assert len(each.text) <= 15
        assert each.logprob_drawn < 0 or not ids


def test_without_room_for_the_markov_chain_the_documents_are_searched():
    model = text_model("overlapping")
    request = GenerationRequest(5, conditions=Conditions((2, 4)), memory=memory_of(3, 9))
    assert model.generation(request).plan.method is Method.search


def test_rejection_gives_up_with_a_bound():
    model = text_model("no pieces")
    drawn = model.generate(1, seed=0, conditions=Conditions((400, 400)))
    with pytest.raises(TokgenError, match=r"with 95 % confidence .* below 1.5e-05") as failed:
        next(drawn)
    assert failed.value.exit_code == 1


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_score_is_that_of_the_tokenizer_s_own_spelling(name, made):
    model = made(name)
    found, _ = documents_of(model.tokenizer)
    for text in sorted(KNOWN[name]):
        ids = tuple(model.tokenizer.encode(text))
        if len(ids) <= DEPTH:
            score = model.score(text)
            assert score.logprob == pytest.approx(math.log(found[ids]))
            assert len(score.tokens) == len(ids) + 1


@pytest.mark.parametrize("name", TOKENIZERS)
def test_what_is_drawn_can_be_encoded_and_is_the_same_text(name, made):
    model = made(name)
    for each in model.generate(300, seed=5):
        if "\N{REPLACEMENT CHARACTER}" not in each.text:
            assert model.tokenizer.decode(model.tokenizer.encode(each.text)) == each.text
