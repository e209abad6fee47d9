"""The model of a corpus where none is named: the card's, and of a file by its size."""

from __future__ import annotations

import pytest
from running import tokgen

from tokgen.corpus.opening import open_corpus
from tokgen.defaults import MANY_DOCUMENTS, MODEL_OF_FEW, MODEL_OF_MANY
from tokgen.training.default_model import ChosenModel, choose_model
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe


def file_of(folder, count):
    path = folder / f"{count}.txt"
    path.write_text("\n".join(["aba", "bab"][number % 2] for number in range(count)))
    return str(path)


@pytest.mark.parametrize(
    ("count", "model"), [(MANY_DOCUMENTS - 1, MODEL_OF_FEW), (MANY_DOCUMENTS, MODEL_OF_MANY)]
)
@pytest.mark.parametrize("deduplicate", [False, True])
def test_the_size_of_a_file_decides(tmp_path, count, model, deduplicate):
    planned = plan(Recipe(corpus=file_of(tmp_path, count), deduplicate=deduplicate))
    assert planned.model_name == planned.recipe.model == model
    assert f"{MANY_DOCUMENTS:,} documents" in planned.chosen_model.reason


def test_what_is_named_or_in_a_card_needs_no_reason(tmp_path):
    few = open_corpus(file_of(tmp_path, 3))
    assert choose_model("ngram", few) == ChosenModel("ngram")
    names = open_corpus("indian-names")
    assert choose_model(None, names) == ChosenModel(names.card.model)


def test_rows_that_are_left_out_do_not_count(tmp_path):
    path = tmp_path / "table.csv"
    rows = [f"{'red' if number < 9 else 'blue'},aba" for number in range(MANY_DOCUMENTS)]
    path.write_text("\n".join(["colour,word", *rows]))
    for where, model in (({}, MODEL_OF_MANY), ({"colour": "red"}, MODEL_OF_FEW)):
        asked = Recipe(corpus=str(path), column="word", where=where)
        assert plan(asked).model_name == model


def test_every_command_says_which_model_it_is_and_why(tmp_path):
    corpus = file_of(tmp_path, 60)
    why = f"the default for a file of fewer than {MANY_DOCUMENTS:,} documents"
    trained = tokgen("train", "--corpus", corpus, "-o", "steps=2", "-o", "hidden=2")
    assert f"{MODEL_OF_FEW} is {why}" in trained.err.splitlines()
    used = tokgen("generate", "--corpus", corpus, "--seed", 1)
    assert f"60.txt · {MODEL_OF_FEW} · {why} · what you last trained" in used.err
    named = tokgen("generate", "--corpus", corpus, "--model", MODEL_OF_FEW, "--seed", 1)
    assert (named.out, why in named.err) == (used.out, False)
