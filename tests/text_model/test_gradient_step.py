"""One gradient step, against p − y and a step made by hand in torch."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import tokgen_indian_names
import torch
from models import symbols
from overlapping import MODELS
from running import tokgen
from small_networks import Network, Positions, ToldNetwork
from tokgen_models.gru import GRU
from tokgen_models.mlp import MLP
from tokgen_models.transformer import Transformer

from tokgen.errors import RequestError
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.text_model.gradient_step import example_of, take_step
from tokgen.text_model.loading import load

PLAIN = symbols(5)
BEGUN = Vocabulary((*PLAIN.symbols, "^"), PLAIN.terminator_id, start_id=5)
TOLD = PLAIN.with_columns({"colour": ("red", "blue")})
SMALL = {
    "network": (Network, {}),
    "positions": (Positions, {}),
    "told": (ToldNetwork, {}),
    "mlp": (MLP, {"embedding": 3, "hidden": 7, "layers": 2, "context": 2}),
    "gru": (GRU, {"embedding": 3, "hidden": 7}),
    "transformer": (Transformer, {}),
}


def by_hand(model, ids, given, target, rate):
    """log p (V,) after w <- w − rate · gradient, by torch alone; before the first id stands one."""
    kind = model.torch_model() if hasattr(model, "torch_model") else type(model)
    network = kind.from_arrays(model.options, model.vocabulary, model.arrays())
    vocabulary = model.vocabulary
    width = model.context_length
    if width is not None:
        row = [*[vocabulary.terminator_id] * width, *ids][-width:]
    else:
        row = ids if vocabulary.start_id is not None else [vocabulary.terminator_id, *ids]
    told = {"given": torch.tensor([given])} if model.reads_given else {}

    def logits(weights):
        made = torch.func.functional_call(network, weights, (torch.tensor([row]),), told)
        made = made[0] if isinstance(made, tuple) else made
        can_follow = torch.tensor(vocabulary.can_follow)
        return made.reshape(-1, vocabulary.size)[-1][can_follow]

    place = int(vocabulary.can_follow[:target].sum())
    weights = dict(network.named_parameters())
    loss = -torch.log_softmax(logits(weights), 0)[place]
    slopes = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
    moved = {
        name: weight if slope is None else weight - rate * slope
        for (name, weight), slope in zip(weights.items(), slopes, strict=True)
    }
    return torch.log_softmax(logits(moved), 0).detach().numpy()


@pytest.mark.parametrize("vocabulary", [PLAIN, BEGUN, TOLD], ids=["plain", "start id", "told"])
@pytest.mark.parametrize("name", SMALL)
def test_a_step_is_that_made_by_hand(name, vocabulary):
    kind, options = SMALL[name]
    if name == "told" and not vocabulary.columns:
        pytest.skip("it is told nothing")
    model = kind.initial(kind.Options(**options), vocabulary, 3)
    given = (2,) if vocabulary.columns else ()
    for target, ids in ((0, [1, 2]), (4, [])):
        row = [*vocabulary.beginning, *ids]
        prefix = Prefixes.of([row], given)
        before = model.arrays()
        step = model.gradient_step(prefix.last(model.context_length), target, 0.3)
        expected = np.exp(model.next_logprobs(prefix)[0])
        expected[target] -= 1
        # A transformer normalises in float32, in torch as in numpy: each rounds for itself.
        within = 1e-6 if name == "transformer" else 1e-12
        np.testing.assert_allclose(step.logits_gradient, expected, rtol=0, atol=within)
        after = step.model.next_logprobs(prefix)[0][vocabulary.can_follow]
        np.testing.assert_allclose(after, by_hand(model, row, given, target, 0.3), atol=2e-6)
        for name_of, array in model.arrays().items():
            np.testing.assert_array_equal(array, before[name_of])


def test_the_rows_that_move_are_those_of_the_context():
    model = load(checkpoint="shipped:mlp-2d")
    before, target = example_of(model, "abad")
    step = take_step(model, before, target, 0.05)
    assert {row.token for row in step.moved} == {"a", "b"}
    assert [row.distance for row in step.moved] == sorted(
        (row.distance for row in step.moved), reverse=True
    )
    table = model.model.embedding_table()
    lengths = dict(zip(model.tokenizer.symbols, np.linalg.norm(table, axis=1), strict=True))
    assert all(row.length == pytest.approx(lengths[row.token]) for row in step.moved)
    assert step.losses[1] < step.losses[0]


@pytest.mark.parametrize("rate", [0, -1, 1e9, float("nan")])
def test_what_is_no_rate_is_refused(rate):
    model = load(checkpoint="shipped:mlp-2d")
    with pytest.raises(RequestError, match="A learning rate is above 0 and at most 1,000"):
        take_step(model, *example_of(model, "ab"), rate)


def test_a_model_without_a_gradient_refuses():
    model = MODELS["table"]
    with pytest.raises(RequestError, match="is not trained by gradient, so it takes no step"):
        take_step(model, *example_of(model, "la"))
    done = tokgen("step", "abid", "--model", "ngram")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(
        "tokgen: The model 'ngram' is not trained by gradient, so it takes no step.\n"
    )


def test_a_step_needs_a_target():
    done = tokgen("step", "")
    assert done.code == 2
    assert done.err.endswith("tokgen: A step needs a TEXT: its last token is the target.\n")


def test_the_command_shows_what_next_shows_and_leaves_the_checkpoint():
    shipped = Path(tokgen_indian_names.__file__).parent / "checkpoints" / "mlp.safetensors"
    digest = hashlib.sha256(shipped.read_bytes()).digest()
    (row,) = tokgen("step", "--model", "mlp", "abid", "--json", "--lr", 0.02).rows
    (following,) = tokgen("next", "--model", "mlp", "abi", "--json").rows
    probs = {each["token"]: each["prob"] for each in following["next"]}
    assert (row["context"], row["target"], row["learning_rate"]) == ("abi", "d", 0.02)
    for each in row["tokens"]:
        assert each["prob_before"] == probs[each["token"]]
        y = each["token"] == "d"
        assert each["logit_gradient"] == pytest.approx(each["prob_before"] - y, abs=1e-12)
    assert row["loss_after"] < row["loss_before"] == pytest.approx(-np.log(probs["d"]))
    assert hashlib.sha256(shipped.read_bytes()).digest() == digest


def test_a_session_steps_from_where_it_stands():
    lines = "abid\n:step\n:step abid lr=0.02\n:step\n:quit\n"
    rows = tokgen("repl", "--seed", 1, "--json", stdin=lines).rows
    here, there, again = [row for row in rows if row["event"] == "stepped"]
    assert here == again
    assert (there["learning_rate"], here["learning_rate"]) == (0.02, 0.01)
    assert there["loss_after"] < here["loss_after"] < here["loss_before"]
    shown = tokgen("repl", "--seed", 1, stdin=":step abid\n:step\n:step ab lr=x\n:quit\n").out
    assert shown.startswith(tokgen("step", "abid").out)
    assert "A step needs a TEXT" in shown
    assert "A learning rate is a number, not 'x'." in shown


def test_as_many_rows_are_shown_as_are_asked_for():
    def tokens_and_rest(*arguments):
        lines = tokgen("step", "abid", "--model", "mlp", *arguments).out.splitlines()
        first = next(number for number, line in enumerate(lines) if "p − y" in line) + 1
        return lines[first : lines.index("", first)]

    every = tokens_and_rest("--rows", 100)
    assert len(every) == 27
    assert len({line.split()[-4 if "target" in line else 0] for line in every}) == 27
    *three, rest = tokens_and_rest("--rows", 3)
    assert [line.split()[-6:] for line in three] == [line.split()[-6:] for line in every[:3]]
    assert rest.startswith("… 24 more, ")
    assert len(tokens_and_rest()) == 9
    done = tokgen("step", "abid", "--model", "mlp", "--rows", 3, "--json")
    assert (done.code, done.err) == (2, "tokgen: --rows has no effect with --json.\n")
    done = tokgen("step", "abid", "--model", "mlp", "--rows", 0)
    assert done.code == 2
