"""The models that the Indian names come with: small, of their recipes, as good as they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokgen.corpus.card import open_package
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.measuring import loss_of
from tokgen.training.metadata import read_metadata
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe, find_recipe, read_recipe
from tokgen.training.train import train

PACKAGE = open_package("indian-names")
NAMES = sorted(PACKAGE.card.checkpoints)
BYTES = 1_500_000


def path_of(name):
    return PACKAGE.path(PACKAGE.card.checkpoints[name])


def planned(name):
    return plan(Recipe.model_validate(read_recipe(find_recipe(Path("indian-names") / name))))


@pytest.mark.parametrize("name", NAMES)
def test_each_is_small_and_has_the_loss_that_it_records(name):
    checkpoint = Checkpoint.load(path_of(name))
    recorded = checkpoint.metadata.metrics["test_loss"]
    assert loss_of(checkpoint, planned(name).corpus, "test") == pytest.approx(recorded, abs=1e-9)
    assert path_of(name).stat().st_size < BYTES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_of_the_recipe_that_goes_by_its_name(name):
    assert read_metadata(path_of(name)).recipe == planned(name).recipe


@pytest.mark.parametrize("name", sorted(PACKAGE.recipes()))
def test_each_recipe_has_a_plan(name):
    assert planned(name).recipe.corpus == "indian-names"


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_made_again(name):
    shipped = read_metadata(path_of(name))
    again = train(planned(name)).checkpoint.metadata
    assert again.corpus == shipped.corpus
    for loss in ("validation_loss", "test_loss"):
        assert again.metrics[loss] <= shipped.metrics[loss] + 0.005
