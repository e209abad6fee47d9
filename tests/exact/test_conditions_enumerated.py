"""What is exact given conditions, against the enumeration of all documents of tokens.

Every document of up to some number of tokens is written down with its probability, decoded, and
kept if its text meets the conditions. That knows nothing of automata.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import pytest
from enumeration import (
    begun,
    chi_square,
    enumerate_documents,
    letters_of,
    small_model,
    with_and_without_start,
)
from fitted_tokenizers import FITTED
from models import CountingModel
from small_tokenizers import (
    OVERLAPPING,
    OVERLAPPING_BEGUN,
    SPLIT_BYTES,
    SPLIT_BYTES_BEGUN,
    WITHOUT_PIECES,
    WITHOUT_PIECES_BEGUN,
)

from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.exact.joint_automaton import automaton_of
from tokgen.exact.markov.best_first import top
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.conditioned_chain import condition_on
from tokgen.exact.markov.drawing import with_replacement
from tokgen.exact.markov.statistics import document_logprob
from tokgen.exact.search import stochastic_beam
from tokgen.exact.search.best_first import most_probable_by_search
from tokgen.exact.search.bounds import explore
from tokgen.exact.search.rejection import Rejection, grown
from tokgen.exact.search.space import Space
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain

pytestmark = pytest.mark.slow

# Without a start id, and with one.
TOKENIZERS = {
    "overlapping": (OVERLAPPING, OVERLAPPING_BEGUN),
    "bytes": (SPLIT_BYTES, SPLIT_BYTES_BEGUN),
    "no pieces": (WITHOUT_PIECES, WITHOUT_PIECES_BEGUN),
    **{name: (tokenizer,) for name, tokenizer in FITTED.items()},
}
MAX_TOKENS = {"overlapping": 5, "bytes": 4, "no pieces": 8}
MAX_TOKENS |= {"fitted bpe": 7, "fitted words": 5, "fitted bytes": 7}
KNOWN = frozenset({"", "esh", "la", "s", "a", "é", "aé", "ab", "aa"})
CASES = [
    ("overlapping", Conditions((2, 4))),
    ("overlapping", Conditions(pattern="*esh")),
    ("overlapping", Conditions(pattern="?s*h")),
    ("overlapping", Conditions(suffix="sh")),
    ("overlapping", Conditions(contains="la")),
    ("overlapping", Conditions(pattern="[^e]*[hs]")),
    ("overlapping", Conditions(exclude="s")),
    ("overlapping", Conditions(novel=True)),
    ("overlapping", Conditions((1, 3), "*s*", "h", novel=True)),
    ("bytes", Conditions((0, 1))),
    ("bytes", Conditions(pattern="a?")),
    ("bytes", Conditions(suffix="é")),
    ("bytes", Conditions(contains="aé")),
    ("bytes", Conditions(pattern="[aé]?")),
    ("bytes", Conditions(exclude="é")),
    ("bytes", Conditions(novel=True)),
    ("bytes", Conditions((1, 1), "?", novel=True)),
]
FITTED_CASES = [
    ("fitted bpe", Conditions((2, 4))),
    ("fitted bpe", Conditions(pattern="?b*a")),
    ("fitted bpe", Conditions(contains="ba", novel=True)),
    ("fitted words", Conditions((1, 4), "*b")),
    ("fitted words", Conditions(contains=" b")),
    ("fitted words", Conditions(suffix="bb", novel=True)),
    ("fitted bytes", Conditions((1, 2))),
    ("fitted bytes", Conditions(pattern="[aé]*")),
    ("fitted bytes", Conditions(suffix="a", novel=True)),
]
# Whether there is a start id goes with each case; with one, a few of each kind of tokenizer do.
BOTH_CASES = [
    *((name, conditions, False) for name, conditions in CASES),
    *((name, conditions, True) for name, conditions in CASES[1::3]),
    *((name, conditions, False) for name, conditions in FITTED_CASES),
]
REJECTED = [
    ("no pieces", Conditions((2, 3))),
    ("no pieces", Conditions(pattern="a*b")),
    ("no pieces", Conditions(pattern="*[^a]", exclude="c")),
    ("no pieces", Conditions(suffix="bb", novel=True)),
]


@dataclass(frozen=True)
class Enumerated:
    """Documents of tokens that fit, and all; what longer ones have together."""

    fitting: dict
    all: dict
    left: float


def tokenizer_for(model, name):
    return TOKENIZERS[name][model.vocabulary.start_id is not None]


@cache
def bounded_model(name, seed, started):
    letters = len(letters_of(TOKENIZERS[name][started].vocabulary))
    return small_model(seed, letters=letters, started=started)


@lru_cache(maxsize=4)
def written_down(model, name):
    """Each document with its probability, and each with its text."""
    documents = enumerate_documents(model, MAX_TOKENS[name])
    decode = tokenizer_for(model, name).decode
    return documents, {tokens: decode(tokens) for tokens in documents}


def enumerated(model, name, conditions):
    documents, texts = written_down(model, name)
    fitting = {t: p for t, p in documents.items() if conditions.met_by(texts[t], KNOWN)}
    return Enumerated(fitting, documents, 1 - math.fsum(documents.values()))


def automaton(model, name, conditions):
    return automaton_of(conditions, tokenizer_for(model, name), lambda: KNOWN)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("name", "conditions", "started"), BOTH_CASES, ids=str)
def test_the_conditioned_chain_is_the_renormalised_enumeration(name, conditions, seed, started):
    model = bounded_model(name, seed, started)
    found = enumerated(model, name, conditions)
    conditioned = condition_on(compile_chain(model), automaton(model, name, conditions))
    mass, fitting = math.exp(conditioned.logprob), math.fsum(found.fitting.values())
    assert fitting - 1e-12 <= mass <= fitting + found.left + 1e-12
    if conditions.lengths is not None:
        assert mass == pytest.approx(fitting, rel=1e-9)
    for tokens, probability in found.all.items():
        expected = probability / mass if tokens in found.fitting else 0.0
        drawn = math.exp(document_logprob(conditioned.chain, tokens))
        assert drawn == pytest.approx(expected, rel=1e-9, abs=1e-15)


def largest_of_longer(model, documents, longest):
    """No document of more than `longest` tokens is more probable than this."""
    last = [tokens for tokens in documents if len(tokens) == longest]
    prefixes = begun(model).prefixes(model.vocabulary, last)
    rows = model.next_logprobs(prefixes.last(model.context_length))
    ending = np.exp(rows[:, model.vocabulary.terminator_id])
    return (np.array([documents[tokens] for tokens in last]) * (1 - ending) / ending).max()


@pytest.mark.parametrize(("name", "conditions", "started"), BOTH_CASES, ids=str)
def test_the_most_probable_are_the_first_of_the_enumeration(name, conditions, started):
    model = bounded_model(name, 2, started)
    found = enumerated(model, name, conditions)
    longer = largest_of_longer(model, found.all, MAX_TOKENS[name])
    certain = {tokens: p for tokens, p in found.fitting.items() if p > longer}
    expected = sorted(certain.values(), reverse=True)
    assert len(expected) > 1
    allowed = automaton(model, name, conditions)
    conditioned = condition_on(compile_chain(model), allowed)
    ways = {
        "chain": (top(conditioned.chain), conditioned.logprob),
        "search": (
            most_probable_by_search(model, SamplerChain(), begun(model), allowed, 100_000),
            0.0,
        ),
    }
    for ranked, event in ways.values():
        first = list(itertools.islice(ranked, len(expected)))
        assert {each.tokens for each in first} <= set(certain)
        probabilities = [math.exp(each.logprob + event) for each in first]
        assert probabilities == pytest.approx(expected)


def law_of_texts(found, decode, classes):
    """The likeliest texts with their summed probability; None is every other."""
    masses = defaultdict(float)
    for tokens, probability in found.fitting.items():
        masses[decode(tokens)] += probability
    likely = sorted(masses, key=masses.get, reverse=True)[:classes]
    return {text: masses[text] for text in likely}


@pytest.mark.parametrize(("name", "conditions", "started"), BOTH_CASES, ids=str)
def test_drawn_documents_fit_and_follow_the_law(name, conditions, started):
    """Chi-square over 20,000 draws, fixed seed; at most 7 degrees, 0.9999 quantile 29.9."""
    model = bounded_model(name, 3, started)
    decode = tokenizer_for(model, name).decode
    found = enumerated(model, name, conditions)
    conditioned = condition_on(compile_chain(model), automaton(model, name, conditions))
    texts = [
        decode(each.tokens) for each in with_replacement(conditioned.chain, 5, np.arange(20_000))
    ]
    assert all(conditions.met_by(text, KNOWN) for text in set(texts))
    law, mass = law_of_texts(found, decode, 7), math.exp(conditioned.logprob)
    expected = {text: 20_000 * p / mass for text, p in law.items() if p / mass > 5e-4}
    rest = 20_000 - sum(expected.values())
    if rest > 10:
        expected[None] = rest
    drawn = Counter(text if text in expected else None for text in texts)
    assert chi_square(drawn, expected) < 29.9


@pytest.mark.parametrize(("name", "conditions", "started"), BOTH_CASES, ids=str)
def test_an_unbounded_model_is_searched_for_what_fits(name, conditions, started):
    tokenizer = TOKENIZERS[name][started]
    model = CountingModel(vocabulary=tokenizer.vocabulary)
    allowed = automaton(model, name, conditions)
    found = enumerated(model, name, conditions)
    fitting = math.fsum(found.fitting.values())
    least, most = explore(model, SamplerChain(), begun(model), allowed, 4000).ending
    assert least <= fitting + found.left
    assert fitting <= most + 1e-12
    space = Space(
        lambda: Growth.begin(model, SamplerChain(), begun(model)),
        allowed,
        tokenizer.terminator_id,
        100_000,
    )
    for each in stochastic_beam.one_each(space, 1, np.arange(40)):
        assert conditions.met_by(tokenizer.decode(each.tokens), KNOWN)
    different = list(stochastic_beam.without_replacement(space, 1, 30))
    assert len({each.tokens for each in different}) == len(different)
    for each in different:
        assert conditions.met_by(tokenizer.decode(each.tokens), KNOWN)
        if len(each.tokens) <= MAX_TOKENS[name]:
            assert math.exp(each.logprob) == pytest.approx(found.fitting[each.tokens])


# Behind a start id one kind of condition is enough: a pattern is seldom met, and takes minutes.
REJECTED_BEGUN = [
    *((name, conditions, False) for name, conditions in REJECTED),
    *((name, conditions, True) for name, conditions in REJECTED if conditions.pattern is None),
]


@pytest.mark.parametrize(("name", "conditions", "started"), REJECTED_BEGUN, ids=str)
def test_without_pieces_rejection_draws_what_fits(name, conditions, started):
    """Chi-square over 1,500 draws, fixed seed; at most 7 degrees, 0.9999 quantile 29.9."""
    model = bounded_model(name, 3, started)
    decode = tokenizer_for(model, name).decode
    found = enumerated(model, name, conditions)
    rejection = Rejection(
        lambda found: [conditions.met_by(decode(tokens), KNOWN) for tokens in found]
    )
    kept = rejection.keep(grown(model, SamplerChain(), begun(model), 64, seed=1))
    texts = [decode(each.tokens) for each in itertools.islice(kept, 1500)]
    mass = math.fsum(found.fitting.values())
    assert rejection.accepted / rejection.proposed == pytest.approx(mass, rel=0.1)
    law = law_of_texts(found, decode, 7)
    expected = {text: 1500 * p / mass for text, p in law.items() if p / mass > 7e-3}
    rest = 1500 - sum(expected.values())
    if rest > 10:
        expected[None] = rest
    drawn = Counter(text if text in expected else None for text in texts)
    assert chi_square(drawn, expected) < 29.9


@with_and_without_start
@pytest.mark.parametrize("name", ["overlapping", "bytes"])
def test_what_no_tokens_spell_is_impossible(name, started):
    """The tokens can spell the characters, not in this number of them."""
    model, impossible = bounded_model(name, 0, started), Conditions((1, 1), pattern="?a*")
    with pytest.raises(RequestError, match="No document"):
        condition_on(compile_chain(model), automaton(model, name, impossible))
