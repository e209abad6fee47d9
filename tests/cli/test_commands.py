"""Each command as CLI users meet it: its output, its JSON keys, its exit code."""

from __future__ import annotations

import csv
import io
import math
import re
from string import ascii_lowercase

import pytest
from levenshtein import one_edit
from running import tokgen

import tokgen as library
from tokgen.corpus.opening import open_corpus


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    names = [f"{a}{b}{c}" for a in "bdkm" for b in "aeiou" for c in ("ra", "li", "na", "shi")]
    path.write_text("\n".join(names) + "\n")
    return path


def test_generate_is_repeatable_and_the_first_of_many():
    ten = tokgen("generate", "--model", "mlp", "--seed", 7, "--temp", 1.5)
    three = tokgen("generate", "--model", "mlp", "--seed", 7, "--temp", 1.5, "-n", 3)
    assert ten.code == three.code == 0
    assert len(ten.out.splitlines()) == 10
    assert ten.out.splitlines()[:3] == three.out.splitlines()


def test_generate_tells_the_seed_that_it_drew():
    first = tokgen("generate", "--model", "mlp", "-n", 5)
    seed = first.err.split("seed ")[1].split()[0]
    assert tokgen("generate", "--model", "mlp", "-n", 5, "--seed", seed).out == first.out


def test_generate_jsonl_has_the_models_own_logprobs():
    model = library.load(model="mlp")
    rows = tokgen("generate", "--model", "mlp", "--seed", 1, "--format", "jsonl", "--top-k", 3).rows
    for row in rows:
        keys = ["text", "logprob", "logprob_drawn", "novel", "finished", "finish_reason"]
        assert list(row) == keys
        assert row["logprob"] == pytest.approx(model.score(row["text"]).logprob)
        assert row["logprob_drawn"] >= row["logprob"] - 1e-9
        assert row["novel"] == (row["text"] not in model.known)


def test_generate_csv_and_output_file(tmp_path):
    path = tmp_path / "names.csv"
    done = tokgen("generate", "--model", "mlp", "--seed", 1, "--format", "csv", "--output", path)
    assert (done.code, done.out) == (0, "")
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [row["text"] for row in rows] == tokgen(
        "generate", "--model", "mlp", "--seed", 1
    ).out.splitlines()


def test_generate_novel_unique_prefix_and_max_length():
    model = library.load(model="mlp")
    done = tokgen(
        "generate", "--model", "mlp", "-n", 50, "--seed", 2, "--novel", "--unique", "--prefix", "ab"
    )
    names = done.out.splitlines()
    assert len(names) == len(set(names)) == 50
    assert not set(names) & model.known
    assert all(name.startswith("ab") for name in names)
    cut = tokgen(
        "generate", "--model", "mlp", "--seed", 2, "--max-length", 3, "--format", "jsonl"
    ).rows
    assert {len(row["text"]) <= 3 for row in cut} == {True}
    assert any(not row["finished"] for row in cut)


def test_generate_says_so_when_it_cannot_find_enough():
    done = tokgen(
        "generate", "--model", "mlp", "-n", 5, "--seed", 1, "--sampler", "greedy", "--unique"
    )
    assert done.code == 1
    assert len(done.out.splitlines()) == 1
    assert "Only 1 of 5 documents" in done.err


def test_generate_given_conditions():
    conditions = ["--length", "5..7", "--pattern", "s?a*", "--suffix", "a", "--novel", "--unique"]
    names = tokgen(
        "generate", "--model", "mlp", "-n", 200, "--seed", 1, *conditions
    ).out.splitlines()
    assert len(set(names)) == 200
    assert all(re.fullmatch("s.a.{2,4}", name) and name.endswith("a") for name in names)
    assert not set(names) & library.load(model="mlp").known


def test_novel_names_are_given_that_they_are_novel():
    rows = tokgen(
        "generate", "--model", "mlp", "-n", 300, "--seed", 5, "--novel", "--format", "jsonl"
    ).rows
    assert all(row["novel"] for row in rows)
    model = library.load(model="mlp")
    for row in rows[:20]:
        assert row["logprob"] == pytest.approx(model.score(row["text"]).logprob)
        assert row["logprob_drawn"] > row["logprob"]


def test_top_is_in_order_and_scored_whole():
    model = library.load(model="mlp")
    rows = tokgen("top", "--model", "mlp", "-n", 50, "--prefix", "ab", "--json").rows
    assert [row["rank"] for row in rows] == list(range(1, 51))
    assert sorted((row["logprob"] for row in rows), reverse=True) == [r["logprob"] for r in rows]
    for row in rows[:10]:
        assert row["logprob"] == pytest.approx(model.score(row["text"]).logprob)
    assert rows[0]["text"] in tokgen("top", "--model", "mlp", "-n", 1, "--prefix", "ab").out


def test_analyze_figures():
    (plain,) = tokgen("analyze", "--model", "mlp", "--json").rows
    assert plain["states"] == 18_279
    assert sum(plain["lengths"].values()) == pytest.approx(1)
    assert plain["in_corpus"] == pytest.approx(plain["in_train"] + plain["in_held_out"])
    (novel,) = tokgen("analyze", "--model", "mlp", "--novel", "--json").rows
    assert novel["condition_prob"] == pytest.approx(1 - plain["in_corpus"])
    assert novel["in_corpus"] == 0
    assert novel["unreachable"] == pytest.approx(plain["in_corpus"])
    (cold,) = tokgen("analyze", "--model", "mlp", "--temp", 0.5, "--json").rows
    assert cold["entropy_bits"] < plain["entropy_bits"]
    assert "entropy of a document" in tokgen("analyze", "--model", "ngram").out


def test_next_is_a_distribution_over_27_symbols():
    (row,) = tokgen("next", "--model", "mlp", "abi", "--json").rows
    assert (row["prefix"], row["context"], row["temperature"]) == ("abi", "abi", 1.0)
    probabilities = [entry["prob"] for entry in row["next"]]
    assert len(probabilities) == 27
    assert sum(probabilities) == pytest.approx(1)
    assert probabilities == sorted(probabilities, reverse=True)
    bits = -sum(p * math.log2(p) for p in probabilities)
    assert row["entropy_bits"] == pytest.approx(bits)
    assert row["next"][0]["logprob"] == pytest.approx(math.log(probabilities[0]))


def test_next_at_several_temperatures_and_through_a_chain():
    cold, model, hot = tokgen("next", "abi", "--temp", 0.5, "--temp", 1, "--temp", 2, "--json").rows
    assert cold["entropy_bits"] < model["entropy_bits"] < hot["entropy_bits"]
    assert [each["temperature"] for each in (cold, model, hot)] == [0.5, 1, 2]
    (row,) = tokgen("next", "abi", "--sampler", "temperature:t=0.7", "--json").rows
    assert row["temperature"] == 0.7
    (row,) = tokgen(
        "next", "--model", "mlp", "abi", "--sampler", "top_k:k=2", "--temp", 2, "--json"
    ).rows
    assert [stage["sampler"] for stage in row["stages"]] == ["top_k k=2", "temperature t=2.0"]
    assert [entry["logprob"] for entry in row["next"]].count(None) == 25
    shown = tokgen("next", "--model", "mlp", "abi", "--top-k", 2, "--rows", 3).out
    assert "top_k k=2" in shown
    assert "24 more" in shown


def test_score_sums_its_tokens():
    one, two = tokgen("score", "--model", "mlp", "abid", "zara", "--json").rows
    assert one["tokens"] == ["a", "b", "i", "d", "-"]
    assert one["logprob"] == pytest.approx(sum(one["logprobs"]))
    assert two["text"] == "zara"
    shown = tokgen("score", "--model", "mlp", "abid").out
    assert shown.splitlines()[0].split() == ["a", "b", "i", "d", "-"]


def test_score_reads_a_file(words):
    rows = tokgen("score", "--model", "mlp", "--input", words, "--json").rows
    assert [row["text"] for row in rows] == words.read_text().split()


def test_examples_are_the_lectures():
    rows = tokgen("examples", "abid", "--json").rows
    pairs = [(row["context"], row["target"]) for row in rows]
    expected = [("---", "a"), ("--a", "b"), ("-ab", "i"), ("abi", "d"), ("bid", "-")]
    assert pairs == expected
    shown = [line.rstrip() for line in tokgen("examples", "abid").out.splitlines()]
    assert shown == EXAMPLES.splitlines()


def test_examples_of_several_documents_follow_each_other():
    rows = tokgen("examples", "abid", "bel", "--json").rows
    assert rows == [
        *tokgen("examples", "abid", "--json").rows,
        *tokgen("examples", "bel", "--json").rows,
    ]
    assert tokgen("examples", "abid", "bel", "--json", "--head", 7).rows == rows[:7]
    assert tokgen("examples", "abid", "bel", "--head", 7).out.splitlines()[-1] == "… 2 more"


def test_examples_of_a_corpus_are_counted(tmp_path):
    corpus = tmp_path / "words.txt"
    corpus.write_text("\n".join(["ab", "abab", "ba"] * 20))
    words = open_corpus(str(corpus)).split("train")
    expected = [
        {"context": "".join(padded[at : at + 2]), "target": padded[at + 2]}
        for padded in (["-", "-", *word, "-"] for word in words)
        for at in range(len(padded) - 2)
    ]
    done = tokgen("examples", "--corpus", corpus, "--context", 2, "--json", "--head", 10**6)
    assert done.rows == expected
    contexts = {row["context"] for row in expected}
    assert (
        f"{len(words)} training documents of {corpus} become {len(expected)} examples" in done.err
    )
    assert f"with {len(contexts)} different contexts of 2" in done.err
    shown = tokgen("examples", "--corpus", corpus, "--context", 2).out.splitlines()
    assert len(shown) == 22
    assert shown[-1] == f"… {len(expected) - 20} more"


EXAMPLES = """\
   context     target
1  ---      →  a
2  --a      →  b
3  -ab      →  i
4  abi      →  d
5  bid      →  -
"""


def test_train_then_eval_info_and_generate(tmp_path, words):
    made = tmp_path / "m.safetensors"
    small = ["-o", "hidden=8", "-o", "steps=30", "-o", "embedding=4"]
    done = tokgen(
        "train",
        "--corpus",
        words,
        "--model",
        "mlp",
        *small,
        "--seed",
        1,
        "--output",
        made,
        "--json",
    )
    assert done.code == 0, done.err
    (metrics,) = done.rows
    assert {"checkpoint", "train_loss", "validation_loss", "steps", "seconds"} == set(metrics)
    evaluated = tokgen("eval", "--checkpoint", made, "--json")
    assert "validation split" in evaluated.err
    (row,) = evaluated.rows
    assert row["nll"] == pytest.approx(metrics["validation_loss"])
    assert row["bits_per_token"] == pytest.approx(row["nll"] / math.log(2))
    assert row["perplexity"] == pytest.approx(math.exp(row["nll"]))
    (info,) = tokgen("info", "--checkpoint", made, "--json").rows
    assert info["parameters"]["embedding.weight"] == 27 * 4
    assert info["parameters"]["total"] == 27 * 4 + (12 * 8 + 8) + (8 * 27 + 27)
    assert info["recipe"]["options"]["hidden"] == "8"
    assert tokgen("generate", "--checkpoint", made, "--seed", 1).code == 0
    elsewhere = tokgen("eval", "--checkpoint", made, "--corpus", "indian-names", "--json")
    assert "test split of indian-names" in elsewhere.err


def test_a_training_that_nobody_asked_for_says_which_other_there_is(words):
    arguments = ["--corpus", words, "--seed", 1]
    few = ["--model", "mlp", "-o", "steps=5", "-o", "hidden=4"]
    why = "there is no checkpoint for this yet"
    assert f"{why}: one is trained now" in tokgen("generate", *arguments, *few).err
    tokgen("train", *arguments, "--model", "ngram")
    said = tokgen("generate", *arguments, *few).err
    assert f"{why}, only with --model ngram: one is trained now" in said


def test_a_file_is_a_corpus_and_its_training_is_kept(words):
    first = tokgen("generate", "--corpus", words, "--model", "ngram", "--seed", 1)
    second = tokgen("generate", "--corpus", words, "--model", "ngram", "--seed", 1)
    assert "trained now" in first.err
    assert first.out == second.out
    retrained = tokgen("train", "--corpus", words, "--model", "ngram", "-o", "order=2")
    assert retrained.code == 0
    third = tokgen("generate", "--corpus", words, "--model", "ngram", "--seed", 1)
    assert third.out != first.out or "what you last trained" in third.err


def test_repeats_and_blank_lines_are_counted(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("one\n\ntwo\none\n")
    made = tmp_path / "m.safetensors"
    kept = tokgen("train", "--corpus", path, "--model", "ngram", "--output", made)
    assert "1 blank line is skipped" in kept.err
    assert "1 document repeats another" in kept.err
    assert "tokenizer characters, since the file holds nothing but a-z" in kept.err
    dropped = tokgen(
        "train", "--corpus", path, "--model", "ngram", "--deduplicate", "--output", made
    )
    assert "1 document repeats another and is dropped" in dropped.err
    (info,) = tokgen("info", "--checkpoint", made, "--json").rows
    assert info["corpus"]["documents"] == 2


def test_refit_and_recipe_file(tmp_path, words):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"corpus: {words}\nmodel: ngram\nrefit: true\noptions:\n  order: 3\n")
    made = tmp_path / "m.safetensors"
    assert tokgen("train", "--config", recipe, "-o", "order=2", "--output", made).code == 0
    (info,) = tokgen("info", "--checkpoint", made, "--json").rows
    assert info["model"]["options"]["order"] == 2
    assert info["recipe"]["refit"] is True


def test_where_filters_rows_and_has_its_own_checkpoint():
    first = tokgen("generate", "--where", "origin=parsi", "--model", "ngram", "--seed", 1)
    assert (first.code, "trained now" in first.err) == (0, True)
    again = tokgen("generate", "--where", "origin=parsi", "--model", "ngram", "--seed", 1)
    assert "trained before" in again.err
    assert again.out == first.out


def test_listings():
    plugins = tokgen("plugins", "list", "--json").rows
    keys = {"kind", "name", "distribution", "version", "status", "place", "summary"}
    assert set(plugins[0]) == keys | {"fault", "deprecation"}
    assert {row["name"] for row in plugins} >= {"mlp", "ngram", "top_p", "characters"}
    (shown,) = tokgen("plugins", "show", "top_p", "--json").rows
    assert shown["options"][0]["name"] == "p"
    (corpus,) = tokgen("corpora", "list", "--json").rows
    assert corpus["name"] == "indian-names"
    (described,) = tokgen("corpora", "show", "--json").rows
    assert sum(described["columns"]["gender"].values()) == described["documents"]
    for command in (["plugins", "list"], ["plugins", "show", "mlp"], ["corpora", "list"]):
        assert tokgen(*command).code == 0
    assert "tamil" in tokgen("corpora", "show").out
    assert tokgen("corpora", "check").code == 0
    assert tokgen("info").code == 0


def test_check_says_what_is_wrong_with_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("one\ntwo\none\nThree\n")
    done = tokgen("corpora", "check", path)
    assert done.code == 2
    assert "'one' ×2" in done.out
    assert "tokenizer 'alphabet'" in done.out


def test_repl_in_a_pipe():
    done = tokgen("repl", "--model", "mlp", "--seed", 4, stdin="ab\n\n\n:quit\nnever\n")
    assert done.code == 0
    assert "the model sees -ab" in done.out
    assert "never" not in done.out
    names = tokgen("generate", "--model", "mlp", "--prefix", "ab", "--seed", 4, "-n", 1).out.strip()
    drawn = [
        row["token"]
        for row in tokgen("repl", "--model", "mlp", "--seed", 4, "--json", stdin="ab\n\n\n").rows
        if row["event"] == "sampled"
    ]
    assert names.startswith("ab" + "".join(drawn).rstrip("-"))


def test_library_is_what_the_example_shows():
    model = library.load("indian-names", model="mlp")
    assert len([document.text for document in model.generate(5, seed=1)]) == 5
    assert model.next("abi").symbols[-1] == "-"
    assert model.score("abid").logprob < 0


def test_analyze_compares_and_tells_the_posterior():
    """The posterior of `?a?esh` has certain positions; KL to oneself is nothing."""
    (row,) = tokgen(
        *("analyze", "--model", "mlp", "--pattern", "?a?esh", "--positions"),
        *("--against", "mlp", "--json"),
    ).rows
    assert row["against"]["kl_nats"] == pytest.approx(0, abs=1e-9)
    assert [max(shares, key=shares.get) for shares in row["positions"]][1:2] == ["a"]
    for certain in (1, 3, 4, 5, 6):
        assert max(row["positions"][certain].values()) == pytest.approx(1)
    for shares in row["positions"]:
        assert sum(shares.values()) == pytest.approx(1)
    (other,) = tokgen("analyze", "--model", "mlp", "--against", "ngram", "--json").rows
    entropy = other["entropy_bits"] * math.log(2)
    tokens = other["expected_length"] + 1
    cross = entropy + other["against"]["kl_nats"]
    assert math.log(other["against"]["perplexity"]) == pytest.approx(cross / tokens)
    shown = tokgen(
        "analyze", "--model", "mlp", "--pattern", "?a?esh", "--positions", "--against", "ngram"
    ).out
    assert "KL divergence from this model to the other, bits" in shown
    assert "a 100.0 %" in shown


def test_no_row_within_some_edits():
    command = ["generate", "-n", 40, "--seed", 1, "--novel-distance", 1]
    done = tokgen(*command)
    known = library.load(model="mlp").known
    for name in done.out.splitlines():
        assert not one_edit(name, ascii_lowercase) & known
    assert re.search(r"^40 of \d+ drawn documents met the conditions$", done.err, re.MULTILINE)
    assert all(row["novel"] for row in tokgen(*command, "--format", "jsonl").rows)
    top = tokgen("top", "--model", "mlp", "-n", 3, "--novel-distance", 1, "--json").rows
    assert len(top) == 3
    assert not any(one_edit(row["text"], ascii_lowercase) & known for row in top)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["generate", "--novel-distance", 0], "--novel-distance"),
        (["generate", "--novel-distance", "x"], "--novel-distance"),
        (["analyze", "--novel-distance", 1, "--against", "ngram"], "Only finite chains"),
    ],
)
def test_a_distance_that_cannot_be_asked_for_is_refused(command, said):
    done = tokgen(*command)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) <= 3
