"""What a user is told of a training's worth, and the figures in it, worked out another way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from words import WORDS, words_file

from tokgen.plugin_api.fit_run import Progress
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.references import letter_frequency_loss, references
from tokgen.training.train import train
from tokgen.training.verdict import Verdict, best_step_before_rise, stopped_early, verdict

GOOD = Verdict(900, loss=2.0, error=0.01, guessing=2.8, baseline=2.1, best_step=None)


def test_a_good_model_is_compared_and_no_more():
    assert GOOD.sentences() == [
        "On held-out documents the model has 2.00 nats per token; an n-gram has 2.10, "
        "guessing by letter frequency has 2.80."
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"baseline": 1.9}, "The n-gram is better here, and it is worth a try."),
        ({"loss": 2.8}, "The model is no better than guessing: give it more documents."),
        (
            {"loss": 2.8, "goes_on": True},
            "The model is no better than guessing: give it more steps or more documents.",
        ),
        ({"best_step": 30}, "After step 30 the validation loss rose"),
        ({"error": 0.2, "documents": 9}, "Only 9 documents are held out: the loss on others may"),
        ({"error": math.inf, "documents": 1}, "Only 1 document is held out"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_of_its_own(changed, said):
    sentences = replace(GOOD, **changed).sentences()
    assert len(sentences) == 2
    assert sentences[1].startswith(said)


def test_letter_frequencies_are_those_of_the_training_documents(tmp_path):
    planned = plan(Recipe(corpus=words_file(tmp_path), model="ngram", tokenizer="characters"))
    training, held_out = planned.corpus.split("train"), planned.corpus.split("validation")
    letters = "".join(f"{word}-" for word in training)
    total = len(letters) + 27
    losses = [-math.log((letters.count(a) + 1) / total) for word in held_out for a in f"{word}-"]
    worked_out = letter_frequency_loss(planned.dataset("train"), planned.dataset("validation"))
    assert worked_out == pytest.approx(np.mean(losses))


def losses(*values):
    return [Progress(step, 9, 1.0, value) for step, value in enumerate(values, start=1)]


def test_a_rise_of_the_validation_loss():
    assert best_step_before_rise(losses(3.0, 2.0, 2.5)) == 2
    assert best_step_before_rise(losses(3.0, 2.0, 2.01)) is None
    assert best_step_before_rise(losses(3.0, 2.5, 2.0)) is None
    assert best_step_before_rise([Progress(1, 9, 1.0)]) is None


@pytest.mark.parametrize("model", ["ngram", "mlp"])
def test_a_whole_training_is_judged(tmp_path, model):
    options = {} if model == "ngram" else {"steps": 4, "hidden": 4}
    planned = plan(Recipe(corpus=words_file(tmp_path), model=model, options=options))
    first = verdict(planned, train(planned), references(planned))[0]
    assert first.startswith("On held-out documents the model has ")
    assert ("an n-gram has " in first) == (model == "mlp")


def test_a_corpus_that_holds_nothing_out(tmp_path):
    for word in WORDS:
        planned = plan(Recipe(corpus=words_file(tmp_path, [word]), model="ngram"))
        if planned.corpus.rows_of("train").all():
            break
    said = verdict(planned, train(planned), references(planned))
    assert said == [
        "No document is held out: the corpus is too small to tell what the model is worth."
    ]


def evaluated(*measured, steps=1200, patience=3, every=10):
    """What a training reports that evaluates every ten steps and ends after three in vain."""
    history, best, in_vain = [], float("inf"), 0
    for step, loss in enumerate(measured):
        in_vain = 0 if loss < best else in_vain + 1
        best = min(best, loss)
        soonest = step * every + (patience - in_vain) * every
        history.append(Progress(step * every, steps, 1.0, loss, soonest=min(soonest, steps)))
    return history


def test_a_training_that_stops_early_says_when_and_why():
    assert stopped_early(evaluated(3.0, 2.5, 2.6, 2.7, 2.55)) == (
        "Training stopped at step 40 of 1,200, because the validation loss had not fallen for 30 "
        "steps; the weights of step 10 are kept."
    )
    assert stopped_early(evaluated(3.0, 3.1, 3.2, 3.1)) == (
        "Training stopped at step 30 of 1,200, because the validation loss had not fallen for 30 "
        "steps; the weights before the first step are kept."
    )


def test_a_training_that_takes_all_its_steps_did_not_stop_early():
    assert stopped_early(evaluated(3.0, 2.5, 2.6, 2.7)) is None
    assert stopped_early(evaluated(3.0, 2.5, 2.6, 2.7, 2.8, steps=40)) is None
    assert stopped_early([Progress(9, 9, 1.0)]) is None
    assert stopped_early([]) is None


def test_the_step_that_is_kept_is_named_once():
    stopped = "Training stopped at step 40; the weights of step 10 are kept."
    said = replace(GOOD, best_step=10, stopped=stopped).sentences()
    assert said[1:] == [
        stopped,
        "After step 10 the validation loss rose while the model learnt its documents by heart.",
    ]


def test_a_real_training_says_that_it_stopped_early(tmp_path):
    options = {"steps": 400, "hidden": 32, "learning_rate": 0.1, "patience": 2, "evaluate_every": 5}
    planned = plan(Recipe(corpus=words_file(tmp_path), model="mlp", options=options))
    trained = train(planned)
    last = trained.history[-1].step
    assert last < 400
    best = int(trained.checkpoint.metadata.metrics["steps"])
    assert verdict(planned, trained, references(planned))[1] == (
        f"Training stopped at step {last:,} of 400, because the validation loss had not fallen for "
        f"{last - best} steps; the weights of step {best} are kept."
    )
