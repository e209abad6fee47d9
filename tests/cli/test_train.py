"""`tokgen train` and what it makes, as a user meets them: text, exit codes, what stays on disk."""

from __future__ import annotations

import pytest
from running import tokgen
from words import WORDS, words_file

FEW = ("-o", "steps=20")


def training(folder, model, *more):
    output = folder / "m.safetensors"
    arguments = ("--corpus", words_file(folder), "--model", model, "--seed", 1, "--output", output)
    return tokgen("train", *arguments, *more), output


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("nan", 3, "failed in next_logprobs: a row holds NaN"),
        ("weight", 3, "tensor 'counts' holds a number that is not finite"),
        ("zero", 1, "The train loss is infinite"),
    ],
)
def test_what_is_wrong_never_replaces_what_was_there(small_plugins, tmp_path, how, code, said):
    (tmp_path / "m.safetensors").write_text("a good checkpoint")
    done, output = training(tmp_path, "broken", "-o", f"how={how}")
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err
    assert output.read_text() == "a good checkpoint"


def test_a_model_of_another_corpus_is_replaced_only_by_force(small_plugins, tmp_path):
    done, output = training(tmp_path, "bigram")
    assert done.code == 0
    before = output.read_bytes()
    other = ("train", "--model", "bigram", "--output", output)
    refused = tokgen(*other)
    corpus = words_file(tmp_path)
    assert (refused.code, refused.err) == (
        2,
        f"tokgen: {str(output)!r} holds a model of the corpus {corpus!r}, not of 'indian-names'. "
        "--force replaces it.\n",
    )
    assert output.read_bytes() == before
    assert tokgen(*other, "--force", "--resume").code == 2
    assert tokgen(*other, "--force").code == 0
    assert tokgen("info", "--checkpoint", output, "--json").rows[0]["corpus"]["name"] != corpus


def test_a_checkpoint_to_go_on_from_is_named_as_it_was_typed_and_kept_as_it_is_found(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    training(tmp_path, "mlp", *FEW)
    more = ("--from", "m.safetensors", "--steps", 2, "--output", "more.safetensors")
    done = tokgen("train", *more)
    assert done.code == 0
    assert "going on from m.safetensors, trained on " in done.err
    recipe = tokgen("info", "--checkpoint", "more.safetensors", "--json").rows[0]["recipe"]
    assert recipe["from_checkpoint"] == str(tmp_path / "m.safetensors")
    shipped = tokgen("train", "--from", "shipped:mlp", "--steps", 0, "--output", "s.safetensors")
    assert "going on from shipped:mlp, trained on indian-names" in shipped.err


def test_resuming_nothing_is_refused(small_plugins, tmp_path):
    _, output = training(tmp_path, "bigram")
    before = output.read_bytes()
    refused = tokgen("train", "--resume", "--model", "bigram", "--output", output)
    assert (refused.code, refused.out) == (2, "")
    assert "Nothing is left to resume" in refused.err
    assert output.read_bytes() == before


def test_a_doubt_is_one_sentence_before_what_was_written(small_plugins, tmp_path):
    done, output = training(tmp_path, "louder")
    assert done.code == 0
    said = done.err.splitlines()
    doubt = next(each for each in said if each.startswith("The validation loss was "))
    assert said[said.index(doubt) + 1] == f"wrote {output}"


def test_options_of_a_tokenizer_go_into_the_checkpoint(small_plugins, tmp_path):
    done, output = training(tmp_path, "bigram", "--tokenizer", "pairs:count=2")
    assert done.code == 0
    assert "tokenizer pairs:count=2, as asked for" in done.err
    told = tokgen("info", "--json", "--checkpoint", output).rows[0]
    assert told["tokenizer"]["options"] == {"count": 2, "most": 9}
    assert told["recipe"]["tokenizer"] == "pairs:count=2"
    shown = tokgen("info", "--checkpoint", output).out
    assert "pairs:count=2" in shown
    assert "condition_on" not in shown


def test_wrong_options_of_a_tokenizer_name_the_line(small_plugins, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"corpus: {words_file(tmp_path)}\nmodel: bigram\ntokenizer: pairs:cuont=2\n")
    done = tokgen("train", "--config", recipe)
    assert done.code == 2
    assert "recipe.yaml', line 3: Tokenizer 'pairs' has no option 'cuont'" in done.err
    done = tokgen("examples", "bana", "--tokenizer", "pairs:cuont=2")
    assert done.code == 2
    assert "Tokenizer 'pairs' has no option 'cuont'. Did you mean 'count'" in done.err


def test_examples_are_cut_by_a_tokenizer_with_options(small_plugins, tmp_path):
    arguments = ("--corpus", words_file(tmp_path), "--context", 2, "--json")
    done = tokgen("examples", WORDS[0], *arguments, "--tokenizer", "pairs:count=1")
    assert [row["target"] for row in done.rows][-2:] == ["na", "-"]
    started = tokgen("examples", "ba", *arguments, "--tokenizer", "started")
    assert [row["context"] for row in started.rows] == ["-^", "^b", "ba"]


def test_columns_are_asked_for_on_the_command_line(small_plugins, tmp_path):
    output = tmp_path / "m.safetensors"
    told = tokgen(
        "train", "--model", "told", "--condition-on", "gender, origin", "--output", output
    )
    assert told.code == 0
    info = tokgen("info", "--json", "--checkpoint", output).rows[0]
    assert info["recipe"]["condition_on"] == ["gender", "origin"]
    assert list(info["columns"]) == ["gender", "origin"]
    assert tokgen("eval", "--checkpoint", output).code == 0
    assert len(tokgen("generate", "-n", 3, "--checkpoint", output).out.splitlines()) == 3
    assert tokgen("next", "sh", "--checkpoint", output).code == 0
    assert tokgen("top", "-n", 2, "--checkpoint", output).code == 0
    refused = tokgen("train", "--model", "ngram", "--condition-on", "gender")
    assert refused.code == 2
    assert "The model 'ngram' cannot be told a column: it ignores gender." in refused.err


def test_parts_are_given_on_the_command_line(small_plugins, tmp_path):
    done, output = training(tmp_path, "blend", "-o", "parts=bigram,ngram:order=3")
    assert done.code == 0
    info = tokgen("info", "--json", "--checkpoint", output).rows[0]
    assert list(info["model"]["parts"]) == ["bigram", "ngram:order=3"]
    assert "ngram:order=3/grams.2" in info["parameters"]
    assert len(tokgen("generate", "-n", 3, "--checkpoint", output).out.splitlines()) == 3


def test_a_model_with_so_many_positions(small_plugins, tmp_path):
    done, output = training(tmp_path, "positions", "-o", "positions=7", "-o", "steps=60")
    assert done.code == 0

    def asked(*arguments):
        return tokgen(*arguments, "--checkpoint", output)

    documents = asked("generate", "-n", 200, "--seed", 1).out.split("\n")[:-1]
    assert len(documents) == 200
    assert max(map(len, documents)) <= 7
    assert asked("generate", "-n", 3, "--max-length", 7).code == 0
    for arguments, said in [
        (
            ("generate", "--max-length", 8),
            "The length limit is 8; the model reads 7 tokens at most",
        ),
        (("generate", "--prefix", "banabana"), "A prefix has 8 tokens; the model reads 7 at most"),
        (("next", "banabana"), "A prefix has 8 tokens; the model reads 7 at most"),
        (("score", "banabana"), "Document 1 has 8 tokens; the model reads 7 at most"),
    ]:
        refused = asked(*arguments)
        assert refused.code == 2, arguments
        assert said in refused.err, arguments
    assert asked("next", "banaban").code == asked("score", "banaban").code == 0
    short, _ = training(tmp_path, "positions", "-o", "positions=4")
    assert short.code == 2
    assert "Training document 1 has 5 tokens; the model reads 4 at most" in short.err


def test_single_precision_through_every_command(small_plugins, tmp_path):
    done, output = training(tmp_path, "single")
    assert done.code == 0
    for arguments in (
        ("next", "b"),
        ("score", "bana"),
        ("generate", "-n", 3),
        ("eval",),
        ("info",),
    ):
        assert tokgen(*arguments, "--checkpoint", output).code == 0, arguments


@pytest.mark.parametrize("model", ["mlp", "gru", "network"])
def test_the_embeddings_before_the_training(small_plugins, tmp_path, model):
    done, output = training(tmp_path, model, *FEW)
    assert done.code == 0
    tables = [
        tokgen("embeddings", "--json", "--checkpoint", output, *more).rows
        for more in ((), ("--initial",), ("--initial",))
    ]
    assert tables[0] != tables[1] == tables[2]
    assert [len(row["embedding"]) for row in tables[0]] == [
        len(row["embedding"]) for row in tables[1]
    ]


def test_ngram_has_no_embeddings(tmp_path):
    done, output = training(tmp_path, "ngram")
    assert done.code == 0
    for more in ((), ("--initial",)):
        refused = tokgen("embeddings", "--checkpoint", output, *more)
        assert refused.code == 2
        assert "The model 'ngram' has no embedding table" in refused.err


def test_a_default_order_that_does_not_fit_gives_way_and_this_is_said(tmp_path):
    letters = [chr(0x4E00 + number) for number in range(6300)]
    lines = ["".join(letters[begin : begin + 3]) for begin in range(0, len(letters), 3)]
    corpus, checkpoint = tmp_path / "letters.txt", tmp_path / "letters.safetensors"
    corpus.write_text("\n".join(lines), encoding="utf-8")
    training = ("train", "--corpus", corpus, "--model", "ngram", "--output", checkpoint)
    done = tokgen(*training)
    assert done.code == 0, done.err
    assert "The model was fitted with order=4 (the default 5 does not fit)." in done.err
    assert tokgen("generate", "--checkpoint", checkpoint, "--seed", 1).code == 0
    refused = tokgen(*training, "-o", "order=5", "--force")
    assert refused.code == 2
    assert "order 5 is too high" in refused.err
