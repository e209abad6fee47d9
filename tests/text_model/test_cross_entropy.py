"""The loss of a document, against the distribution at each of its places and eval's figure."""

from __future__ import annotations

import math

import pytest
from models import TableModel, symbols
from overlapping import MODELS
from running import tokgen

from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.text_model.cross_entropy import CrossEntropy, cross_entropy
from tokgen.text_model.next_token import next_token
from tokgen.text_model.results import Score
from tokgen.training.references import uniform_loss


@pytest.mark.parametrize("text", ["", "s", "lash", "eshsh"])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_each_window_is_what_the_model_sees_there(model, text):
    worked = cross_entropy(model, model.score(text))
    ids = model.tokenizer.encode(text)
    for number, target in enumerate([*ids, model.tokenizer.terminator_id]):
        growth = Growth.at(model.model, SamplerChain(), model.beginning(""), ids[:number])
        here = next_token(model.tokenizer, growth)
        assert worked.contexts[number] == here.window
        assert worked.score.tokens[number] == here.symbols[target]
        assert worked.losses[number] == pytest.approx(-here.logprobs[target], abs=1e-12)
    assert len(worked.contexts) == len(worked.losses) == len(ids) + 1


def test_sum_and_mean_are_those_worked_out_on_paper():
    document = CrossEntropy(
        Score("ab", ("a", "b", "-"), (math.log(1 / 2), math.log(1 / 4), math.log(1 / 8))),
        ((), (), ()),
        ("a", "b", "-"),
        math.log(3),
    )
    assert document.total == pytest.approx(6 * math.log(2))
    assert document.mean == pytest.approx(2 * math.log(2))


def test_a_start_id_is_no_token_to_guess():
    plain, begun = MODELS["table"].model.vocabulary, MODELS["table, start id"].model.vocabulary
    assert begun.size == plain.size + 1
    assert uniform_loss(begun) == uniform_loss(plain) == math.log(plain.size)
    assert uniform_loss(TableModel.random(3, 1).vocabulary) == uniform_loss(symbols(3))


def test_the_mean_of_a_split_is_evals_figure():
    (mean,), (evaluated,) = tokgen("loss", "--json").rows, tokgen("eval", "--json").rows
    assert (mean["mean"], mean["split"]) == (evaluated["nll"], "test")
    assert mean["uniform"] == math.log(27)


def test_several_documents_have_one_mean():
    rows = tokgen("loss", "abid", "zara", "--json").rows
    tokens = [loss for row in rows for loss in row["losses"]]
    shown = tokgen("loss", "abid", "zara").out.splitlines()
    total, mean = math.fsum(tokens), math.fsum(tokens) / len(tokens)
    assert shown[-2] == f"All 2 documents: {total:.4f} / 10 = {mean:.4f} nats per token."
    assert sum(line.startswith("Guessing") for line in shown) == 1


def test_what_is_given_needs_a_document():
    done = tokgen("loss", "--given", "gender=f")
    assert (done.code, done.out) == (2, "")
    assert "--given has no effect without TEXT." in done.err


def test_a_session_shows_it_too():
    done = tokgen("repl", "--seed", 1, stdin=":loss abid\n:quit\n")
    assert done.out.endswith(tokgen("loss", "abid").out)
