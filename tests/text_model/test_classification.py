"""Which values a text has, by Bayes' rule worked out of the told models' own tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from told_models import plain_model, told_model

from tokgen.errors import RequestError
from tokgen.text_model.classification import Classifier

# Ids of colour (red, white) and size (big), and the share of the documents with them.
COMBINATIONS = {(1, 0): 0.5, (2, 1): 0.2, (2, 0): 0.2, (0, 1): 0.1}
GIVEN = {
    (1, 0): {"colour": "red"},
    (2, 1): {"colour": "white", "size": "big"},
    (2, 0): {"colour": "white"},
    (0, 1): {"size": "big"},
}


def classifier(*, unbounded=False):
    shares = np.array(list(COMBINATIONS.values()))
    return Classifier(told_model(unbounded=unbounded), np.array(list(COMBINATIONS)), shares)


@pytest.mark.parametrize("unbounded", [False, True])
@pytest.mark.parametrize("text", ["", "esh", "lash", "a"])
def test_the_posterior_is_that_of_bayes_rule(text, unbounded):
    joint = {
        ids: share * math.exp(plain_model(GIVEN[ids], unbounded=unbounded).score(text).logprob)
        for ids, share in COMBINATIONS.items()
    }
    evidence = sum(joint.values())
    (found,) = classifier(unbounded=unbounded).classify([text])
    assert found.logprob == pytest.approx(math.log(evidence))
    for place, names in enumerate([("", "red", "white"), ("", "big")]):
        values = found.columns[("colour", "size")[place]]
        assert {each.value for each in values} == set(names)
        for each in values:
            number = names.index(each.value)
            having = [ids for ids in COMBINATIONS if ids[place] == number]
            assert each.prob == pytest.approx(sum(joint[ids] for ids in having) / evidence)
            assert each.share == pytest.approx(sum(COMBINATIONS[ids] for ids in having))
        assert [each.prob for each in values] == sorted((e.prob for e in values), reverse=True)


def test_many_texts_are_classified_as_each_alone():
    texts = ["esh", "a", "lash"] * 50
    alone = {text: next(classifier().classify([text])) for text in set(texts)}
    for text, found in zip(texts, classifier().classify(texts), strict=True):
        assert found.text == text
        assert found.logprob == pytest.approx(alone[text].logprob)


def test_a_text_that_no_corpus_could_hold_is_refused():
    with pytest.raises(
        RequestError, match="The text has 65,537 bytes; a document may have at most 65,536"
    ):
        next(classifier().classify(["a" * 65_537]))


def test_a_text_that_no_values_make_possible_is_refused():
    impossible = classifier()
    impossible.text_model.model.table = np.full_like(impossible.text_model.model.table, -np.inf)
    with pytest.raises(RequestError, match="'a' is impossible under this model"):
        list(impossible.classify(["a"]))
