"""A training that was stopped anywhere ends with the loss and the weights of one that was not."""

from __future__ import annotations

import json
from itertools import count

import numpy as np
import pytest

from tokgen.errors import RequestError
from tokgen.plugin_api.fit_run import Snapshot
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.resume import find_unfinished, keep_unfinished, peek_unfinished, resume_path
from tokgen.training.tensor_file import read_text, write_tensors
from tokgen.training.train import train
from tokgen.training.trained import Unfinished

OPTIONS = {
    "mlp": {"steps": 40, "evaluate_every": 5, "hidden": 8, "dropout": 0.3, "batch_size": 16},
    "gru": {"steps": 20, "evaluate_every": 5, "hidden": 8, "dropout": 0.3, "batch_size": 16},
}


class Killed(BaseException):
    """What stands in for a SIGKILL: nothing catches it."""


def recipe(folder, model, **more):
    words = folder / "words.txt"
    words.write_text("\n".join(f"{a}{b}{c}na" for a in "bdk" for b in "aeiou" for c in "lmn"))
    return Recipe(corpus=str(words), model=model, options=OPTIONS[model], seed=4, **more)


def assert_same(first, second):
    metrics = first.checkpoint.metadata.metrics, second.checkpoint.metadata.metrics
    for name in metrics[0].keys() - {"seconds"}:
        assert metrics[0][name] == metrics[1][name], name
    assert metrics[0].keys() == metrics[1].keys()
    arrays = first.checkpoint.model.arrays(), second.checkpoint.model.arrays()
    assert arrays[0].keys() == arrays[1].keys()
    for name, array in arrays[0].items():
        np.testing.assert_array_equal(array, arrays[1][name])


@pytest.mark.parametrize("model", ["mlp", "gru"])
@pytest.mark.parametrize("refit", [False, True])
def test_stopped_after_every_kept_state(tmp_path, model, refit):
    planned = plan(recipe(tmp_path, model, refit=refit))
    expected = train(planned)
    path = tmp_path / "m.safetensors"

    def keep_and_die(unfinished):
        keep_unfinished(path, planned, unfinished)
        raise Killed

    for _ in range(100):
        found = find_unfinished(path)
        try:
            done = train(
                planned, save_state=keep_and_die, unfinished=found.unfinished if found else None
            )
            break
        except Killed:
            continue
    assert_same(done, expected)
    assert [p.step for p in done.history] == [p.step for p in expected.history]


def test_stopped_between_two_kept_states(tmp_path):
    planned = plan(recipe(tmp_path, "mlp"))
    expected = train(planned)
    path = tmp_path / "m.safetensors"
    evaluations = count(1)

    def die_at_the_third(progress):
        if progress.validation_loss is not None and next(evaluations) == 4:
            raise Killed

    with pytest.raises(Killed):
        train(planned, die_at_the_third, lambda state: keep_unfinished(path, planned, state))
    assert_same(train(planned, unfinished=find_unfinished(path).unfinished), expected)


def test_only_the_same_training_may_go_on(tmp_path):
    planned = plan(recipe(tmp_path, "mlp"))
    path = tmp_path / "m.safetensors"
    train(planned, save_state=lambda state: keep_unfinished(path, planned, state))
    found = find_unfinished(path)
    found.check({"model": "mlp", "options": {"steps": "40"}}, path)
    with pytest.raises(RequestError, match="has hidden 8, not 9; without --resume"):
        found.check({"options": {"hidden": "9"}}, path)
    with pytest.raises(RequestError, match="has model mlp, not gru"):
        found.check({"model": "gru"}, path)
    (tmp_path / "words.txt").write_text("another\ncorpus\nof\nwords\n")
    with pytest.raises(RequestError, match=r"words.txt' has changed since the training"):
        found.check_unchanged(plan(planned.recipe), path)


def test_a_damaged_state_is_refused(tmp_path):
    planned = plan(recipe(tmp_path, "mlp"))
    path = tmp_path / "m.safetensors"
    train(planned, save_state=lambda state: keep_unfinished(path, planned, state))
    content = bytearray(resume_path(path).read_bytes())
    content[-3] ^= 4
    resume_path(path).write_bytes(content)
    with pytest.raises(RequestError, match="was damaged"):
        find_unfinished(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tree: tree.update(format=3), "has format 3; this tokgen reads format 2"),
        (lambda tree: tree.pop("format"), "was not written by tokgen"),
        (lambda tree: tree.pop("facts"), "needs the option 'facts'"),
        (lambda tree: tree.update(history=[{"stap": 1}]), "'history.0"),
        (lambda tree: tree["recipe"].update(modle="mlp"), "Did you mean 'model'"),
        (lambda tree: tree.update(metrics=[]), "option 'metrics' should be a valid dictionary"),
    ],
)
def test_a_forged_state_is_refused_in_a_sentence(tmp_path, change, said):
    path = tmp_path / "m.safetensors"
    keep_unfinished(path, plan(recipe(tmp_path, "mlp")), Unfinished(Snapshot(), (), {}, 0.0))
    tree = json.loads(read_text(resume_path(path)))
    change(tree)
    write_tensors(resume_path(path), {}, json.dumps(tree))
    for read in (find_unfinished, peek_unfinished):
        with pytest.raises(RequestError) as refused:
            read(path)
        assert said in str(refused.value)
        assert str(resume_path(path)) in str(refused.value)
