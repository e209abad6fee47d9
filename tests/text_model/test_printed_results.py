"""What `print` shows of results: the figures by hand, and text that does nothing in a terminal."""

from __future__ import annotations

import math

import numpy as np
import pytest
from notebook_page import shown

from tokgen.plugin_api import Explanation
from tokgen.text_model.classification import Classified, ValueProbability
from tokgen.text_model.cross_entropy import CrossEntropy
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.explained import Explained
from tokgen.text_model.gradient_step import TakenStep
from tokgen.text_model.results import Drawn, Generated, Score
from tokgen.text_model.tree import TreeNode

BELL = chr(7)


def lines(result):
    return str(result).splitlines()


def test_a_distribution_has_a_column_for_each_sampler():
    assert lines(shown("ab-", [0.5, 0.25, 0.25], [2 / 3, 0, 1 / 3])) == [
        "after 'a': the model sees a; entropy 0.92 bits under the chain",
        "  token   model  sampler 1",
        "  a      50.0 %     66.7 %",
        "  b      25.0 %    removed",
        "  -      25.0 %     33.3 %",
    ]


def test_rows_that_are_not_shown_are_counted_and_summed():
    symbols = [chr(ord("a") + number) for number in range(12)]
    printed = lines(shown(symbols, [0.45, *[0.05] * 11], prefix=""))
    assert printed[0].startswith("at the beginning: the model sees no context; ")
    assert printed[2] == "  a                45.0 %"
    assert printed[-1] == "  … 2 more tokens  10.0 %"
    assert len(printed) == 2 + 10 + 1


def test_a_distribution_is_one_line_among_others():
    drawn_from = shown("abc-", [0.5, 0.25, 0.125, 0.125], [0, 0.5, 0.25, 0.25])
    assert repr(drawn_from) == "<NextToken after 'a': b 50.0 %, c 25.0 %, - 25.0 %, …>"
    assert repr(shown("ab", [0.75, 0.25])) == "<NextToken after 'a': a 75.0 %, b 25.0 %>"


def test_documents_that_are_still_to_be_drawn_stay_to_be_drawn():
    documents = iter([Generated("abi", -1.0, -1.0, True)])
    drawn = Drawn(7, documents)
    assert (
        repr(drawn) == str(drawn) == "<Drawn: seed 7, each document is drawn when it is asked for>"
    )
    assert next(drawn).text == "abi"


def test_documents_that_are_still_to_be_drawn_have_no_number_and_no_places():
    drawn = Drawn(7, iter([Generated("abi", -1.0, -1.0, True), Generated("la", -2.0, -2.0, True)]))
    for wrong in (len, lambda them: them[0], lambda them: them[:1]):
        with pytest.raises(TypeError, match=r"list\(model\.generate\(…\)\) draws them all"):
            wrong(drawn)
    assert drawn
    assert [each.text for each in list(drawn)] == ["abi", "la"]


def test_a_score_has_the_surprisal_of_each_token():
    assert lines(Score("ab", ("a", "b", "-"), tuple(np.log([0.5, 0.25, 0.125]).tolist()))) == [
        "'ab': surprisal of each token in bits; log₂ p -6.00, 2.00 bits per token",
        "  token  bits",
        "  a       1.0",
        "  b       2.0",
        "  -       3.0",
    ]


def test_a_tree_tells_both_probabilities_and_what_is_left_out():
    leaf = TreeNode("b", (0, 1, 2), "aab", 0.5, 0.125, False)
    child = TreeNode("a", (0, 1), "aa", 0.25, 0.25, False, (leaf,), 3)
    assert lines(TreeNode("", (0,), "a", 1.0, 1.0, False, (child,), 2)) == [
        "after 'a': each token's probability after its prefix; of the whole path",
        "  a  25.0 %; 25.0 %",
        "    b  50.0 %; 12.5 %",
        "    … 2 more tokens  50.0 %; 12.5 %",
        "  … 1 more token  75.0 %; 75.0 %",
    ]


def test_a_loss_is_worked_out_row_by_row():
    worked = CrossEntropy(
        Score("a", ("a", "-"), (math.log(0.5),) * 2), (("-", "-"), ("-", " ")), tuple("a -"), 1.0
    )
    assert lines(worked) == [
        "'a': 1.3863 / 2 = 0.6931 nats per token; guessing evenly costs 1.0000 nats each",
        "  the model sees  target       p  −ln p, nats",
        "  --                   a  50.0 %       0.6931",
        "  -␣                   -  50.0 %       0.6931",
    ]


def test_a_step_names_its_target_first():
    before, after = shown("abc", [0.5, 0.25, 0.25]), shown("abc", [0.25, 0.5, 0.25])
    taken = TakenStep(before, after, 1, 0.01, np.array([0.5, -0.75, 0.25]), ())
    said = (
        "the model sees a, the target is b: −ln p 1.3863 nats before a step of 0.01 · gradient, "
        "0.6931 after it"
    )
    assert repr(taken) == f"<TakenStep: {said}>"
    assert lines(taken) == [
        said,
        "  token       before   p − y   after",
        "  b (target)  25.0 %  -0.750  50.0 %",
        "  a           50.0 %  +0.500  25.0 %",
        "  c           25.0 %  +0.250  25.0 %",
    ]


def test_a_classification_shows_a_probability_beside_a_share_of_none():
    values = (ValueProbability("f", 0.75, 0.0), ValueProbability("", 0.25, 1.0))
    assert lines(Classified("abi", -2.5, {"gender": values})) == [
        "'abi': ln p -2.500 over all values",
        "  column  value            p  share alone",
        "  gender  f           75.0 %            ·",
        "          (no value)  25.0 %      100.0 %",
    ]


def test_a_table_of_embeddings_tells_its_size():
    space = EmbeddingSpace(("a", "b"), np.zeros((2, 48)))
    assert str(space) == "<EmbeddingSpace: 2 symbols, a row of 48 numbers for each>"


def test_wide_symbols_stand_below_each_other():
    symbols = ["東", "e\u0302", "a"]
    printed = lines(shown(symbols, [0.5, 0.25, 0.25], prefix=""))
    assert printed[2:] == ["  東     50.0 %", "  e\u0302      25.0 %", "  a      25.0 %"]


def test_what_would_act_in_a_terminal_is_shown_as_its_number():
    hostile = shown(["a" + BELL, "b"], [0.5, 0.5], prefix=BELL)
    everything = [
        hostile,
        Score(BELL, (BELL,), (-1.0,)),
        TreeNode("", (0,), BELL, 1.0, 1.0, False, (TreeNode(BELL, (1,), BELL, 1, 1, False),), 1),
        Classified(BELL, -1.0, {BELL: (ValueProbability(BELL, 1.0, 1.0),)}),
    ]
    assert BELL not in "".join([repr(hostile), *map(str, everything)])


def test_an_explanation_has_a_table_for_each_step():
    symbols = ("a", " ", "-")
    steps = (
        Explanation("rows of the table", np.array([[0.5, -1], [2, 0]]), ("a", " ")),
        Explanation("sums", np.array([1234, 0.25]), ("all", f"le{BELL}ft")),
        Explanation("attention", np.array([[0.25], [0.75]]), ("a", " "), ("head 1",), shares=True),
        Explanation("each token", np.array([[1.0], [2], [3]]), symbols, ("count",)),
        Explanation("state", np.arange(9.0)),
        Explanation("softmax", np.array([0.25, 0.5, 0.25]), symbols),
    )
    found = Explained(shown("a -", [0.25, 0.5, 0.25]), steps)
    assert lines(found) == [
        "after 'a': the model sees a; it comes to its distribution in 6 steps",
        "  rows of the table (2 × 2)",
        "    a  0.5000  -1",
        "    ␣       2   0",
        "  sums (2)",
        "    all        1,234",
        "    le\\x07ft  0.2500",
        "  attention (2 × 1)",
        "       head 1",
        "    a  25.0 %",
        "    ␣  75.0 %",
        "  each token (3 × 1)",
        "       count",
        "    ␣      2",
        "    a      1",
        "    -      3",
        "  state (9)",
        "    0  1  2  3  4  5  6  7  …",
        "  softmax (3)",
        "    ␣  0.5000",
        "    a  0.2500",
        "    -  0.2500",
    ]
    assert repr(found).startswith("<Explained: 6 steps to <NextToken after 'a': ␣ 50.0 %")
    first, *_, last = found
    assert (first, last, len(found), found[1:3]) == (steps[0], steps[-1], 6, steps[1:3])


def test_rows_of_an_explanation_that_are_not_shown_are_counted():
    symbols = tuple(chr(ord("a") + number) for number in range(12))
    found = Explained(
        shown(symbols, [1 / 12] * 12), (Explanation("logits", np.arange(12), symbols),)
    )
    assert lines(found)[2] == "    l              11"
    assert lines(found)[-2:] == ["    e               4", "    … 4 more rows"]
