"""Going on from a checkpoint, and taking no step: whose weights there are, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from words import WORDS, words_file

from tokgen.errors import RequestError
from tokgen.plugin_api.fit_run import Progress
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept import kept_path
from tokgen.training.measuring import loss_of
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.references import references
from tokgen.training.resume import find_unfinished, keep_unfinished
from tokgen.training.tensor_names import fingerprint
from tokgen.training.train import train
from tokgen.training.verdict import UNTRAINED, verdict

QUICK = {"steps": 6, "evaluate_every": 2}
FAMILIES = {
    "mlp": {"hidden": 8},
    "gru": {"hidden": 8},
    "lstm": {"hidden": 8},
    "rnn": {"hidden": 8},
    "cnn": {"channels": 4, "layers": 2},
    "transformer": {"width": 8, "layers": 1, "heads": 2, "hidden": 8},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Each family's checkpoint, trained when it is first asked for."""
    folder, found = tmp_path_factory.mktemp("made"), {}

    def path_of(model):
        if model not in found:
            options = {**QUICK, **FAMILIES.get(model, {})} if model != "ngram" else {}
            recipe = Recipe(corpus=words_file(folder), model=model, options=options, seed=1)
            found[model] = folder / f"{model}.safetensors"
            train(plan(recipe)).checkpoint.save(found[model])
        return str(found[model])

    return path_of


def going_on(path, steps, seed=5, **more):
    options = {"steps": steps, **more.pop("options", {})}
    return plan(Recipe(from_checkpoint=path, options=options, seed=seed, **more))


def loaded(path):
    return Checkpoint.load(Path(path))


def bits(checkpoint):
    return {name: array.tobytes() for name, array in checkpoint.model.arrays().items()}


@pytest.mark.parametrize("model", FAMILIES)
def test_no_further_step_leaves_every_byte(model, made):
    before = loaded(made(model))
    after = train(going_on(made(model), 0)).checkpoint
    assert bits(after) == bits(before)
    assert after.metadata.metrics["steps"] == 0
    for split in ("train", "validation"):
        loss = before.metadata.metrics[f"{split}_loss"]
        assert after.metadata.metrics[f"{split}_loss"] == loss


@pytest.mark.parametrize("model", FAMILIES)
def test_it_begins_with_the_loss_of_the_checkpoint_and_goes_on(model, made):
    before = loaded(made(model))
    done = train(going_on(made(model), 6))
    first = done.history[0]
    assert first.step == 0
    assert first.validation_loss == pytest.approx(
        before.metadata.metrics["validation_loss"], abs=1e-5
    )
    assert bits(done.checkpoint) != bits(before)


def test_what_it_went_on_from_is_recorded_one_after_the_other(made, tmp_path):
    first = loaded(made("mlp"))
    second = train(going_on(made("mlp"), 2)).checkpoint
    second.save(tmp_path / "second.safetensors")
    third = train(going_on(str(tmp_path / "second.safetensors"), 2, seed=7)).checkpoint
    told = third.metadata.ancestors
    assert [each.fingerprint for each in told] == [
        fingerprint(first.model),
        fingerprint(second.model),
    ]
    assert [each.seed for each in told] == [1, 5]
    assert [each.checkpoint for each in told] == [made("mlp"), str(tmp_path / "second.safetensors")]
    assert third.metadata.recipe.seed == 7


def test_corpus_tokenizer_and_options_are_the_checkpoints_where_nothing_else_is_said(made):
    before = loaded(made("mlp")).metadata
    planned = going_on(made("mlp"), 3)
    assert planned.recipe.corpus == before.recipe.corpus
    assert planned.chosen_tokenizer.written == before.recipe.tokenizer
    assert (planned.options.hidden, planned.options.steps) == (8, 3)


def test_another_corpus_of_the_same_letters(made, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("\n".join(word[::-1] for word in WORDS))
    done = train(going_on(made("mlp"), 4, corpus=str(other)))
    assert done.checkpoint.metadata.corpus.name == str(other)
    assert done.checkpoint.tokenizer.symbols == loaded(made("mlp")).tokenizer.symbols


def test_a_letter_that_the_checkpoint_lacks_is_named(made, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("bana\nbané\nçana\n")
    with pytest.raises(RequestError, match="does not know 'ç', 'é' of "):
        going_on(made("mlp"), 4, corpus=str(other))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"model": "gru"}, "has model=mlp"),
        ({"tokenizer": "alphabet"}, "has tokenizer=characters"),
        ({"options": {"hidden": 9}}, "has hidden=8"),
        ({"options": {"activation": "relu"}}, "has activation=gelu"),
        ({"condition_on": ["gender"]}, r"has condition_on=\[\]"),
    ],
)
def test_what_is_fixed_is_refused(made, more, said):
    with pytest.raises(RequestError, match=said):
        going_on(made("mlp"), 4, **more)


def test_what_only_the_training_reads_may_change(made):
    changed = {"dropout": 0.1, "frequency": 1.0, "learning_rate": 1e-4, "hidden": 8}
    planned = going_on(made("mlp"), 4, options=changed)
    assert (planned.options.dropout, planned.options.learning_rate) == (0.1, 1e-4)


def test_a_family_without_steps_refuses(made):
    with pytest.raises(RequestError, match="'ngram' does not train by steps"):
        plan(Recipe(from_checkpoint=made("ngram"), seed=1))


def test_it_is_kept_beside_the_checkpoint_and_not_in_its_place(made):
    planned, fresh = going_on(made("mlp"), 6), plan(loaded(made("mlp")).metadata.recipe)
    assert kept_path(planned) != kept_path(fresh)
    assert kept_path(planned) == kept_path(going_on(made("mlp"), 6))


def test_a_stopped_training_goes_on_as_if_it_had_not_stopped(made, tmp_path):
    planned, path = going_on(made("gru"), 6), tmp_path / "m.safetensors"
    expected = train(planned).checkpoint
    kept = []

    def keep_the_first(unfinished):
        if not kept:
            keep_unfinished(path, planned, unfinished)
            kept.append(unfinished)

    train(planned, save_state=keep_the_first)
    found = find_unfinished(path)
    again = plan(found.recipe)
    found.check_unchanged(again, path)
    assert bits(train(again, unfinished=found.unfinished).checkpoint) == bits(expected)


def test_a_checkpoint_that_has_changed_since_is_told(made, tmp_path):
    begun, path = tmp_path / "begun.safetensors", tmp_path / "m.safetensors"
    loaded(made("mlp")).save(begun)
    planned = going_on(str(begun), 6)
    train(planned, save_state=lambda unfinished: keep_unfinished(path, planned, unfinished))
    train(going_on(str(begun), 2)).checkpoint.save(begun)
    found = find_unfinished(path)
    with pytest.raises(RequestError, match="has changed since the training"):
        found.check_unchanged(plan(found.recipe), path)


def untrained(tmp_path, model):
    options = {**FAMILIES[model], "steps": 0}
    return plan(Recipe(corpus=words_file(tmp_path), model=model, options=options, seed=3))


@pytest.mark.parametrize("model", FAMILIES)
def test_no_step_gives_the_weights_that_a_training_begins_with(model, tmp_path):
    planned = untrained(tmp_path, model)
    done = train(planned)
    initial = planned.model_class.initial(planned.options, planned.vocabulary, 3)
    for name, array in done.checkpoint.model.arrays().items():
        np.testing.assert_array_equal(array, initial.arrays()[name])
    assert done.checkpoint.metadata.untrained
    loss = loss_of(done.checkpoint, planned.corpus, "validation")
    assert done.history == (
        Progress(0, 0, None, done.history[0].validation_loss, soonest=done.history[0].soonest),
    )
    assert done.history[0].validation_loss == pytest.approx(loss, abs=1e-5)
    assert verdict(planned, done, references(planned))[1] == UNTRAINED


def test_a_refit_of_no_step_is_one_of_none(made, tmp_path):
    done = train(going_on(made("mlp"), 6, refit=True, options={"learning_rate": 30.0}))
    assert done.checkpoint.metadata.metrics["steps"] == 0
    assert bits(done.checkpoint) == bits(loaded(made("mlp")))
