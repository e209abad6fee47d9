"""A training: its losses are those of what is read back, and nothing bad is kept."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
from small_plugins import Bigram, Stepwise, Stopped
from words import coloured, words_file

from tokgen.corpus.columns import encode_splits
from tokgen.corpus.opening import open_corpus
from tokgen.errors import PluginError, RequestError, TokgenError
from tokgen.plugin_api.fit_run import FitRun, Progress
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.training import plan as planning
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.evaluation import mean_nll
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

FEW = {"steps": 20, "hidden": 8, "evaluate_every": 5}
OPTIONS = {"ngram": {"order": 3}, "mlp": FEW, "gru": FEW, "network": {}}


def planned(folder, model, options=None, **more):
    chosen = OPTIONS.get(model, {}) if options is None else options
    recipe = Recipe(corpus=words_file(folder), model=model, options=chosen, seed=3, **more)
    return plan(recipe)


@pytest.mark.parametrize("tokenizer", ["characters", "started", "pairs:count=3"])
@pytest.mark.parametrize("model", OPTIONS)
def test_the_losses_are_those_of_the_file(small_plugins, tmp_path, model, tokenizer):
    training = planned(tmp_path, model, tokenizer=tokenizer)
    trained = train(training)
    assert trained.doubt is None
    path = tmp_path / "m.safetensors"
    trained.checkpoint.save(path)
    loaded = Checkpoint.load(path)
    for split in ("train", "validation"):
        data = encode_splits(training.corpus, [split], loaded.tokenizer, loaded.model.vocabulary)
        assert loaded.metadata.metrics[f"{split}_loss"] == mean_nll(loaded.model, data)
    assert loaded.metadata.tokenizer.name == tokenizer.partition(":")[0]


def test_a_loss_that_saving_changes_is_told(small_plugins, tmp_path):
    training = planned(tmp_path, "forgetful")
    trained = train(training)
    model = type(trained.checkpoint.model).fitted(
        training.options, training.vocabulary, training.dataset("train"), None, FitRun()
    )
    before = mean_nll(model, training.dataset("validation"))
    after = trained.checkpoint.metadata.metrics["validation_loss"]
    assert abs(before - after) > 0.01
    assert trained.doubt == (
        f"The validation loss was {before:.4f} nats per token in the training and is {after:.4f} "
        "in the checkpoint: the model computes differently when it is trained, or does not save "
        "all that it learns."
    )


def test_a_network_that_evaluates_differently_is_told(small_plugins, tmp_path):
    trained = train(planned(tmp_path, "louder"))
    reported = min(p.validation_loss for p in trained.history if p.validation_loss is not None)
    measured = trained.checkpoint.metadata.metrics["validation_loss"]
    assert abs(reported - measured) > 1e-3
    assert f"was {reported:.4f} nats" in trained.doubt
    assert f"is {measured:.4f} in the checkpoint" in trained.doubt


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ("nan", PluginError, "failed in next_logprobs: a row holds NaN"),
        ("zero", TokgenError, "The train loss is infinite: the model 'broken' gives a token"),
        ("weight", PluginError, "tensor 'counts' holds a number that is not finite"),
        ("array", PluginError, "failed in arrays: 'counts' is no array of numbers"),
        ("load", PluginError, "cannot read back what it saved: these are not my counts"),
        ("changed", PluginError, "has another tensor 'counts' when it is read back"),
    ],
)
def test_what_is_wrong_with_a_model_is_told_and_nothing_is_made(
    small_plugins, tmp_path, how, error, said
):
    with pytest.raises(error, match=said) as raised:
        train(planned(tmp_path, "broken", {"how": how}))
    assert raised.value.exit_code == error.exit_code
    assert "model 'broken'" in str(raised.value)


def test_a_refit_counts_all_documents(small_plugins, tmp_path):
    training = planned(tmp_path, "bigram", refit=True)
    counts = train(training).checkpoint.model.counts
    documents = len(training.corpus.documents)
    assert counts[:, training.vocabulary.terminator_id].sum() - len(counts) == documents


def one_word_of(split, folder):
    """A plan for a corpus whose one document falls into this split."""
    word = open_corpus(words_file(folder)).split(split)[0]
    return plan(Recipe(corpus=words_file(folder, [word]), model="forgetful"))


def test_a_corpus_without_validation_documents_is_trained_on(small_plugins, tmp_path):
    trained = train(one_word_of("train", tmp_path))
    assert list(trained.checkpoint.metadata.metrics) == ["train_loss", "seconds"]
    assert trained.doubt.startswith("The train loss was ")


def test_a_training_split_that_is_empty_is_refused(small_plugins, tmp_path):
    with pytest.raises(RequestError, match=r"The train split of .* is empty"):
        train(one_word_of("validation", tmp_path))


@pytest.mark.parametrize("model", ["told", "told-network"])
def test_a_model_that_is_told_columns_learns_from_them(small_plugins, monkeypatch, tmp_path, model):
    """Words that begin with b or d are red: told the colour, the first letter is surer."""
    monkeypatch.setattr(planning, "open_corpus", lambda name, column: coloured())
    recipe = Recipe(model=model, condition_on=["colour"], tokenizer="started", seed=1)
    hard = {"steps": 200, "learning_rate": 0.03, "weight_decay": 0.1}
    options = hard if model == "told-network" else {}
    trained = train(plan(recipe.model_copy(update={"options": options})))
    path = tmp_path / "m.safetensors"
    trained.checkpoint.save(path)
    loaded = Checkpoint.load(path)
    assert loaded.metadata.columns == {"colour": ("red", "white")}
    assert loaded.model.vocabulary == trained.checkpoint.model.vocabulary
    assert loaded.model.vocabulary.columns == {"colour": ("red", "white")}
    red, white = (
        np.exp(loaded.model.next_logprobs(Prefixes.of([[1]], given))[0]) for given in ([1], [2])
    )
    b, m = (loaded.tokenizer.vocabulary.id_of(letter) for letter in "bm")
    assert red[b] > 5 * white[b]
    assert white[m] > 5 * red[m]


def test_the_same_seed_gives_the_same_weights(tmp_path):
    for model in ("mlp", "gru"):
        first, second = (train(planned(tmp_path, model)).checkpoint.model for _ in range(2))
        for name, array in first.arrays().items():
            np.testing.assert_array_equal(array, second.arrays()[name])


def test_an_infinite_loss_of_held_out_documents_is_told_and_kept(
    small_plugins, tmp_path, monkeypatch
):
    def loss_of(checkpoint, corpus, split):
        return 1.0 if split == "train" else float("inf")

    monkeypatch.setattr("tokgen.training.run.loss_of", loss_of)
    monkeypatch.setattr("tokgen.training.run.mean_nll", lambda *anything: float("inf"))
    trained = train(planned(tmp_path, "bigram"))
    assert trained.doubt == (
        "The validation loss is infinite: the model 'bigram' gives a token of the validation split "
        "the probability 0."
    )
    path = tmp_path / "m.safetensors"
    trained.checkpoint.save(path)
    metrics = Checkpoint.load(path).metadata.metrics
    assert (metrics["train_loss"], metrics["validation_loss"]) == (1.0, None)


def test_what_is_stopped_before_an_evaluation_is_nothing(small_plugins, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(planned(tmp_path, "stopped"))
    stopped = train(planned(tmp_path, "stopped", {"evaluated": 2}))
    assert stopped.interrupted
    assert stopped.checkpoint.metadata.metrics["stopped_at_step"] == 2


def test_a_refit_that_is_stopped_gives_what_the_first_fit_made(
    small_plugins, tmp_path, monkeypatch
):
    def fit(model, train, validation, run):
        Bigram.fit(model, train, validation, run)
        run.report(Progress(1, 1, 1.0))
        if validation is None:
            model.counts[:] = 1.0
            run.report(Progress(1, 9, None, interrupted=True))

    monkeypatch.setattr(Stopped, "fit", fit)
    once = train(planned(tmp_path, "stopped"))
    stopped = train(planned(tmp_path, "stopped", refit=True))
    assert (once.interrupted, stopped.interrupted) == (False, True)
    np.testing.assert_array_equal(stopped.checkpoint.model.counts, once.checkpoint.model.counts)


def test_a_refit_that_went_on_and_is_stopped_has_nothing_to_give(
    small_plugins, tmp_path, monkeypatch
):
    def stop(model, train, validation, run):
        Bigram.fit(model, train, validation, run)
        run.report(Progress(2, 3, None, interrupted=True))

    training, kept = planned(tmp_path, "stepwise", {"steps": 3}, refit=True), []
    whole = train(training, save_state=lambda state: kept.append(deepcopy(state)))
    in_the_second_fit = next(each for each in kept if each.metrics)
    again = train(training, unfinished=in_the_second_fit)
    np.testing.assert_array_equal(again.checkpoint.model.counts, whole.checkpoint.model.counts)
    monkeypatch.setattr(Stepwise, "fit", stop)
    with pytest.raises(KeyboardInterrupt):
        train(training, unfinished=in_the_second_fit)


@pytest.mark.parametrize(("patience", "steps"), [(2, 400), (2, 27), (0, 27)])
def test_each_report_tells_when_the_training_may_end(tmp_path, patience, steps):
    options = {"steps": steps, "evaluate_every": 10, "patience": patience, "learning_rate": 0.1}
    corpus = tmp_path / "words.txt"
    corpus.write_text("\n".join(f"{a}{b}{c}na" for a in "bdk" for b in "aeiou" for c in "lmn"))
    told = []
    done = train(plan(Recipe(corpus=str(corpus), model="mlp", options=options)), told.append)
    last = done.history[-1].step
    assert [each.step for each in told] == [*range(last + 1)]
    assert [each for each in told if each.has_losses] == list(done.history)
    if patience == 0:
        assert {each.soonest for each in told} == {None}
    else:
        assert all(each.step <= each.soonest <= last for each in told)
        assert told[-1].soonest == last
        assert told[0].soonest == min(10 * (1 + patience), steps)
    assert (last < steps) == (steps == 400)


@pytest.mark.parametrize("model", ["mlp", "gru", "network"])
def test_weights_can_be_watched_and_are_those_of_each_step(small_plugins, tmp_path, model):
    training, watched, steps = planned(tmp_path, model), [], []
    trained = train(
        training,
        lambda progress: steps.append(progress.step),
        watch=lambda learnt: watched.append(learnt()),
    )
    unwatched = train(training).checkpoint.model.arrays()
    first, *_, last = watched
    assert len(watched) == 1 + max(steps)
    begun = training.model_class.initial(training.options, training.vocabulary, 3).arrays()
    kept = watched[int(trained.checkpoint.metadata.metrics["steps"])]
    for name, array in trained.checkpoint.model.arrays().items():
        assert array.tobytes() == unwatched[name].tobytes() == kept[name].tobytes()
        assert first[name].tobytes() == begun[name].tobytes()
    assert any(first[name].tobytes() != last[name].tobytes() for name in first)
