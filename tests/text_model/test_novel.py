"""What is novel is in no row of the corpus, whichever rows the model was trained on."""

from __future__ import annotations

import pytest

from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError
from tokgen.exact import condition_automata
from tokgen.exact.conditions import Conditions
from tokgen.text_model.analysis import analyze
from tokgen.text_model.generation_plan import Method
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.text_model import TextModel
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

NOVEL = Conditions(novel=True)


def trained(**settings):
    return TextModel(train(plan(Recipe(model="ngram", seed=1, **settings))).checkpoint)


@pytest.fixture(scope="module")
def women():
    return trained(corpus="indian-names", where={"gender": "f"})


def test_a_name_of_another_row_is_known(women):
    """`kamal` is a man's name: no row that the model was trained on."""
    assert "kamal" not in set(women.trained_on.documents)
    assert "kamal" in women.known
    with pytest.raises(RequestError, match="No document"):
        [*women.generate(1, conditions=Conditions(pattern="kamal", novel=True))]


def test_no_novel_document_is_in_any_row(women):
    whole = set(open_corpus("indian-names").documents)
    drawn = {each.text for each in women.generate(2000, seed=1)}
    novel = {each.text for each in women.generate(2000, seed=1, conditions=Conditions(novel=True))}
    assert drawn & (whole - set(women.trained_on.documents))
    assert not novel & whole


def test_the_mass_that_is_not_novel_is_the_mass_in_the_corpus(women):
    figures = analyze(women, women.source())
    novel = analyze(women, women.source(conditions=Conditions(novel=True)))
    assert novel["condition_prob"] == pytest.approx(1 - figures["in_corpus"])


def test_a_corpus_without_its_repeats_is_found_again(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("kamal\nkavi\nkamal\nmira\n" * 5)
    model = trained(corpus=str(path), deduplicate=True)
    assert model.known == {"kamal", "kavi", "mira"}
    assert len(model.trained_on.documents) == 3


def test_rows_too_long_for_a_tree_are_kept_out_by_rejection(women, monkeypatch):
    by_tree = [each.text for each in women.generate(500, seed=1, conditions=NOVEL)]
    monkeypatch.setattr(condition_automata, "DEEPEST_TREE", 5)
    generation = women.generation(GenerationRequest(500, seed=1, conditions=NOVEL))
    drawn = [each.text for each in generation.documents()]
    assert generation.plan.method is Method.rejection
    assert "too long, or too many, for a tree" in generation.plan.reason
    assert len(drawn) == 500
    assert not set(drawn) & women.known
    assert len(set(by_tree)) > 400


def test_a_row_too_long_for_a_tree_is_met_with_other_conditions(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("ab\nba\nabba\nbaab\n" * 5 + "ab" * 3000 + "\n")
    model = trained(corpus=str(path))
    asked = Conditions((2, 4), suffix="a", novel=True)
    drawn = {each.text for each in model.generate(50, seed=1, conditions=asked)}
    assert drawn
    assert all(len(text) in (2, 3, 4) and text.endswith("a") for text in drawn)
    assert not drawn & model.known
