"""`top`, `analyze` and conditioned `generate` as a user meets them, for chains and for searches."""

from __future__ import annotations

import csv
import io
import math

import pytest
from running import tokgen

SUFFIX = ("--length", 6, "--suffix", "sh")


@pytest.mark.parametrize("model", ["mlp", "ngram", "gru"])
def test_conditioned_names_fulfil_the_condition_and_begin_alike_in_any_count(model):
    few = tokgen("generate", "-n", 5, "--seed", 2, "--model", model, *SUFFIX)
    many = tokgen("generate", "-n", 40, "--seed", 2, "--model", model, *SUFFIX)
    names = many.out.splitlines()
    assert few.code == many.code == 0, many.err
    assert few.out.splitlines() == names[:5]
    assert len(names) == 40
    assert all(len(name) == 6 and name.endswith("sh") for name in names)


def test_conditioned_names_in_bulk_are_those_of_a_few(tmp_path):
    path = tmp_path / "names.txt"
    done = tokgen("generate", "--model", "mlp", "-n", 5000, "--seed", 2, "--output", path, *SUFFIX)
    assert done.code == 0, done.err
    lines = path.read_text(encoding="utf-8").splitlines()
    few = tokgen("generate", "--model", "mlp", "-n", 50, "--seed", 2, *SUFFIX)
    assert len(lines) == 5000
    assert few.out.splitlines() == lines[:50]


def test_json_of_a_conditioned_name_tells_both_log_probabilities():
    (row,) = tokgen(
        "generate", "--model", "mlp", "-n", 1, "--seed", 2, "--format", "jsonl", *SUFFIX
    ).rows
    (score,) = tokgen("score", "--model", "mlp", row["text"], "--json").rows
    (figures,) = tokgen("analyze", "--model", "mlp", "--json", *SUFFIX).rows
    assert row["logprob"] == pytest.approx(score["logprob"])
    event = math.log(figures["condition_prob"])
    assert row["logprob_drawn"] == pytest.approx(row["logprob"] - event)
    (searched,) = tokgen(
        "generate", "-n", 1, "--seed", 2, "--format", "jsonl", "--model", "gru", *SUFFIX
    ).rows
    assert searched["logprob_drawn"] is None


@pytest.mark.parametrize("model", ["mlp", "gru"])
def test_top_under_samplers_tells_the_models_own_and_goes_by_the_other(model):
    rows = tokgen("top", "-n", 30, "--temp", 0.5, "--json", "--model", model).rows
    given = [row["logprob_drawn"] for row in rows]
    scores = tokgen("score", "--json", "--model", model, *(row["text"] for row in rows)).rows
    assert given == sorted(given, reverse=True)
    assert [row["rank"] for row in rows] == list(range(1, 31))
    for row, score in zip(rows, scores, strict=True):
        assert row["logprob"] == pytest.approx(score["logprob"])


TOP = ("top", "--model", "mlp", "-n", 20, "--temp", 0.5)


def test_top_is_written_in_the_formats_of_generate(tmp_path):
    ranked = tokgen(*TOP, "--json").rows
    rows = tokgen(*TOP, "--format", "jsonl").rows
    for key in ("text", "logprob", "logprob_drawn"):
        assert [row[key] for row in rows] == [row[key] for row in ranked]
    generated = tokgen("generate", "-n", 1, "--seed", 1, "--format", "jsonl").rows
    assert rows[0].keys() == generated[0].keys()
    assert {(row["finished"], row["finish_reason"]) for row in rows} == {(True, "stop")}
    read = csv.DictReader(io.StringIO(tokgen(*TOP, "--format", "csv").out, newline=""))
    assert list(read) == [{name: str(value) for name, value in row.items()} for row in rows]
    texts = [row["text"] for row in ranked]
    assert tokgen(*TOP, "--format", "text").out.splitlines() == texts
    assert tokgen(*TOP, "--output", tmp_path / "top.txt").out == ""
    assert (tmp_path / "top.txt").read_text().splitlines() == texts


def test_top_is_written_in_another_order_and_in_columns():
    texts = tokgen(*TOP, "--format", "text").out.splitlines()
    rows = tokgen(*TOP, "--format", "jsonl", "--sort", "probability").rows
    assert rows == sorted(rows, key=lambda row: (-row["logprob"], row["text"]))
    assert tokgen(*TOP, "--sort", "alphabet").out.splitlines() == sorted(texts)
    in_columns = tokgen(*TOP, "--side-by-side").out.splitlines()
    assert len(in_columns) < len(texts)
    assert [text for line in in_columns for text in line.split()] == texts


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--json", "--format", "csv"), "--format has no effect with --json."),
        (("--json", "--side-by-side"), "--side-by-side has no effect with --json."),
        (("--unit", "bits", "--sort", "alphabet"), "--unit has no effect where no table is shown."),
    ],
)
def test_top_refuses_what_its_output_cannot_show(options, said):
    refused = tokgen(*TOP, *options)
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err


def test_an_empty_document_is_seen_in_a_table_and_in_columns():
    done = tokgen("top", "--model", "mlp", "-n", 1, "--length", 0, "--json")
    assert done.rows[0]["text"] == ""
    shown = tokgen("top", "--model", "mlp", "-n", 1, "--length", 0).out
    assert "(empty)" in shown
    in_columns = tokgen("top", "--model", "mlp", "-n", 1, "--length", 0, "--side-by-side").out
    assert in_columns.strip() == "(empty)"


BOUNDS = """\
prefixes searched                           2,757
probability of the condition, at least      0.2 %
… at most                                   0.2 %
share of probability not searched, at most    0 %

length, at least
               6  100.0 %  ████████████████████████████████████████
"""


def test_bounds_of_a_model_without_a_window():
    done = tokgen("analyze", "--model", "gru", "--pattern", "?a?esh")
    assert [line.rstrip() for line in done.out.splitlines()] == BOUNDS.splitlines()
    (figures,) = tokgen("analyze", "--model", "gru", "--pattern", "?a?esh", "--json").rows
    assert set(figures) == {
        "prefixes",
        "condition_prob_at_least",
        "condition_prob_at_most",
        "unexplored_at_most",
        "lengths_at_least",
    }


def test_positions_and_comparisons_are_those_after_a_prefix():
    arguments = [
        "analyze",
        "--model",
        "mlp",
        "--prefix",
        "sha",
        "--against",
        "ngram",
        "--positions",
    ]
    (figures,) = tokgen(*arguments, "--json").rows
    (following,) = tokgen("next", "--model", "mlp", "sha", "--json").rows
    expected = {entry["token"]: entry["prob"] for entry in following["next"]}
    assert figures["positions"][0] == pytest.approx(expected)
    (alone,) = tokgen("analyze", "--model", "mlp", "--against", "ngram", "--json").rows
    assert figures["against"]["kl_nats"] < alone["against"]["kl_nats"]
    shown = [line.split() for line in tokgen(*arguments).out.splitlines()]
    assert shown[shown.index(["position"]) + 1][0] == "4"


def test_two_models_of_which_one_has_no_window():
    (figures,) = tokgen("analyze", "--model", "mlp", "--against", "gru", "--json").rows
    assert figures["against"]["kl_nats_at_least"] > 0
    assert tokgen("analyze", "--model", "mlp", "--against", "gru").out.count("at least") == 2


def test_a_rare_condition_has_a_budget_and_a_sentence():
    done = tokgen("generate", "-n", 1, "--model", "gru", "--memory", "1MiB", "--suffix", "zq")
    assert done.code == 2
    last = done.err.splitlines()[-1]
    assert "would have to be held at once. --memory raises the limit" in last


TOP_GIVEN = """\
             ln p  ln p given
1  shamma  -8.900      -2.696
2  shabai  -9.473      -3.269
3  shappa  -9.834      -3.629
"""


def test_the_repl_ranks_and_says_what_is_given():
    done = tokgen("repl", "--model", "mlp", "--seed", 4, stdin="sha\n:top 3 length=6\n:quit\n")
    assert TOP_GIVEN in done.out
    plain = tokgen("repl", "--model", "mlp", "--seed", 4, stdin=":top 2\n:quit\n").out.splitlines()
    assert [line.split()[0] for line in plain[-2:]] == ["1", "2"]
    assert not any("given" in line for line in plain)


def test_the_repl_compares_models_without_samplers_and_says_so():
    said = ":compare ngram\n:chain top_k:k=3\n:compare ngram\n:quit\n"
    out = tokgen("repl", "--model", "mlp", "--seed", 4, stdin=said).out
    lines = [line for line in out.splitlines() if line.startswith("A next token drawn")]
    assert len(lines) == 2
    assert len(set(lines)) == 1
    assert out.count("The samplers are left out.") == 1


def test_the_repl_shows_the_length_law():
    done = tokgen("repl", "--model", "mlp", "--seed", 4, stdin="sha\n:analyze suffix=sh\n:quit\n")
    assert "probability of the condition" in done.out
    assert "     6  10.1 %" in done.out


def test_a_beam_gives_the_most_probable_that_it_finds():
    asked = ("generate", "--model", "mlp", "--beam", 400, "-n", 3, "--prefix", "lak")
    asked += ("--length", "7..")
    done = tokgen(*asked, "--explain-plan")
    assert done.code == 0
    top = tokgen("top", "--model", "mlp", "-n", 3, "--prefix", "lak", "--length", "7..", "--json")
    assert done.out.splitlines() == [row["text"] for row in top.rows]
    assert "method beam: a beam 400 wide" in done.err
    assert "seed" not in done.err
    rows = tokgen(*asked, "--format", "jsonl").rows
    for key in ("logprob", "logprob_drawn"):
        pairs = ([row[key] for row in each] for each in (rows, top.rows))
        assert [*next(pairs)] == pytest.approx([*next(pairs)], abs=1e-9)


def test_what_a_beam_has_not_ended_is_told():
    done = tokgen(
        "generate", "--model", "mlp", "--beam", 3, "--prefix", "lakshm", "--max-length", 6
    )
    assert done.code == 1
    assert "of 3 documents: no other document of the beam has ended after 6 tokens" in done.err


def test_the_column_of_what_is_given_is_explained_where_it_stands():
    said = "given: among the documents that begin so and fulfil the conditions, under the samplers"
    assert said in tokgen("top", "-n", 2, "--model", "ngram", "--temp", 2).err
    assert said not in tokgen("top", "-n", 2, "--model", "ngram").err
    session = tokgen("repl", "--model", "ngram", stdin="sha\n:top 2\n:top 2 length=5\n").out
    assert " ".join(session.split()).count(said) == 2
