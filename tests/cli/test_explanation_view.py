"""How a model comes to its distribution, as a terminal of 80 columns shows it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from models import symbols
from rich.console import Console
from tokgen_models.ngram import NGram

import tokgen
from tokgen.cli.views.explanation import show_explanation
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.explanation import Explanation
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.tokenizer import EncodedDocuments
from tokgen.text_model.results import NextToken
from tokgen.text_model.results_json import explanation_as_json

NGRAM = """\
  the model sees a
  before anything is counted: all tokens alike (3)
    highest: a 0.333  b 0.333  - 0.333
  without context: sums of its continuation counts, discounts D (6)
    all 5  different 3  D of 1 0.5000  D of 2 1  D of 3 and more 1.5000
    left 0.5000
  without context: each token (3 × 5)
       count       D  (count − D) / all  + left × shorter  = probability
    b      1  0.5000             0.1000            0.1667         0.2667
    a      2  1.0000             0.2000            0.1667         0.3667
    -      2  1.0000             0.2000            0.1667         0.3667
  after a: sums of its counts, discounts D (6)
    all 48  different 3  D of 1 0.5000  D of 2 1  D of 3 and more 1.5000
    left 0.0938
  after a: each token (3 × 5)
       count       D  (count − D) / all  + left × shorter  = probability
    b     24  1.5000             0.4688            0.0250         0.4938
    a     12  1.5000             0.2188            0.0344         0.2531
    -     12  1.5000             0.2188            0.0344         0.2531
  probabilities (3)
    highest: b 0.494  a 0.253  - 0.253
"""


@pytest.fixture(scope="module")
def bigram():
    vocabulary = symbols(3)
    documents = [[0, 1], [0, 1], [0, 0]] * 12
    data = Dataset(EncodedDocuments.of(documents), vocabulary)
    return NGram.fitted(NGram.Options(order=2), vocabulary, data, None, FitRun())


def after_a(model):
    """The distribution as `next` gives it, and its explanation."""
    one, names = Prefixes.of([[0]]), model.vocabulary.symbols
    row = model.next_logprobs(one)[0]
    return NextToken("a", (0,), b"", 1, ("a",), 1, ("a",), names, row), model.explain(one)


def lines(shown, steps):
    console = Console(file=io.StringIO(), width=80)
    show_explanation(console, shown, steps)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


def test_counts_discounts_and_interpolation(bigram):
    assert lines(*after_a(bigram)) == NGRAM


def test_a_token_is_shown_as_its_sign_and_a_name_with_a_space_as_it_is():
    shown = NextToken("", (), b"", 1, ("-",), 0, ("-",), ("a", " ", "-"), np.log(np.full(3, 1 / 3)))
    shares = np.array([0.25, 0.75])
    tokens = Explanation("attention", shares, (" ", "a"), shares=True)
    parts = Explanation("weights of the parts", shares, ("my gru.safetensors", "mlp"), shares=True)
    assert lines(shown, [tokens, parts]) == (
        "  the model sees -\n"
        "  attention (2)\n"
        "    ␣  ██        25.0 %\n"
        "    a  ██████    75.0 %\n"
        "  weights of the parts (2)\n"
        "    my gru.safetensors  ██        25.0 %\n"
        "    mlp                 ██████    75.0 %\n"
    )


def test_shares_are_bars_under_the_names_of_their_columns(bigram):
    shares = np.array([[0.5, 0.0], [0.5, 1.0]])
    step = Explanation("attention", shares, ("x", "a"), ("head 1", "head 2"), shares=True)
    assert lines(after_a(bigram)[0], [step]) == (
        "  the model sees a\n"
        "  attention (2 × 2)\n"
        "       head 1            head 2\n"
        "    x  ████      50.0 %                 ·\n"
        "    a  ████      50.0 %  ████████ 100.0 %\n"
    )
    assert explanation_as_json(step) == {
        "name": "attention",
        "rows": ("x", "a"),
        "columns": ("head 1", "head 2"),
        "values": [[0.5, 0.0], [0.5, 1.0]],
    }


def test_of_many_tokens_the_most_probable_in_the_end_are_shown():
    model = tokgen.load("indian-names", "ngram")
    shown, steps = model.next("abi"), model.explain("abi")
    table = lines(shown, [steps[2]]).splitlines()[3:]
    assert [line.split()[0] for line in table] == [*"nr-ahdgt", "…"]
