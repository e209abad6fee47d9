"""Wrong requests: one clear sentence on standard error, the right exit code, no traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest
from running import tokgen

CHECKPOINT = "corpora/tokgen_indian_names/checkpoints/mlp-2d.safetensors"
WRONG = [
    (["generat"], "'tokgen' has no command 'generat'. Did you mean 'generate'?"),
    (["generate", "--corpus", "indian-name"], "Did you mean 'indian-names'?"),
    (["generate", "--model", "ngarm"], "Did you mean 'ngram'?"),
    (["generate", "--count", "-1"], "--count should be at least 0, not '-1'."),
    (["generate", "--count", "many"], "--count should be a whole number, not 'many'."),
    (["generate", "--temp", "-1"], "--temp should be at least 0, not '-1'."),
    (["generate", "--temp", "hot"], "--temp should be a number, not 'hot'."),
    (
        ["generate", "names"],
        "'names' stands without an option, which 'tokgen generate' does not take: --corpus "
        "NAME|FILE names a corpus, --checkpoint FILE opens a checkpoint, --prefix TEXT gives a",
    ),
    (["tree", "a", "b"], "'b' is one too many for 'tokgen tree' (--help shows what it takes)."),
    (["corpora", "list", "x"], "'x' stands without an option"),
    (["generate", "--prefix", "Abi"], "Did you mean 'abi'?"),
    (["generate", "--prefix", "ab-"], "The terminator ends a document by itself"),
    (["generate", "--prefix", "abcdef", "--max-length", "3"], "longer than the length limit 3"),
    (["generate", "--sampler", "topp:p=0.9"], "Did you mean 'top_p'?"),
    (["generate", "--sampler", "top_p:q=0.9"], "has no option 'q'. There is: p."),
    (["generate", "--top-p", "2"], "at most 1"),
    (["generate", "--checkpoint", "nothing.safetensors"], "there is no such file"),
    (
        ["generate", "--checkpoint", "README.md"],
        "'README.md' is a text, not a checkpoint: give it as `corpus`. --corpus NAME|FILE",
    ),
    (["train", "--from", "README.md"], "'README.md' is a text, not a checkpoint"),
    (["train", "--from", "no.safetensors"], "'no.safetensors': there is no such file."),
    (
        ["generate", "--corpus", CHECKPOINT],
        f"{CHECKPOINT!r} holds a checkpoint, not a text: give it as `checkpoint`. --checkpoint",
    ),
    (["train", "--config", CHECKPOINT], "holds a checkpoint, not a text"),
    (["score", "--input", CHECKPOINT], "holds a checkpoint, not a text"),
    (["generate", "-o", "hiden=3"], "Did you mean 'hidden'?"),
    (["generate", "--where", "origin=tamul"], "Did you mean 'tamil'?"),
    (["generate", "--where", "sex=f"], "has no column 'sex'"),
    (["generate", "--where", "origin"], "is not key=value"),
    (["generate", "--output", "nowhere/names.txt", "--seed", "1"], "Cannot write"),
    (["generate", "--format", "xml"], "--format should be 'text', 'jsonl' or 'csv', not 'xml'."),
    (["generate", "--length", "10..4"], "No length is at least 10 and at most 4"),
    (["generate", "--length", "long"], "A length is written 6, 4..10, 4.. or ..10"),
    (["generate", "--corpus", ""], "There is no corpus or file ''"),
    (["generate", "--model", ""], "There is no model ''"),
    (["generate", "--length", ".."], "A length is written 6, 4..10, 4.. or ..10"),
    (["generate", "--length", "1000000000"], "A length is at most 4,096 characters"),
    (["generate", "--novel", "--max-length", "5"], "--length ..N asks for short documents"),
    (["generate", "--unique", "--max-length", "5"], "--length ..N asks for short documents"),
    (["generate", "--pattern", "a?B"], "Did you mean 'b'?"),
    (
        ["generate", "--pattern", "a?", "--length", "5"],
        "No document that the model can make fulfils this condition.",
    ),
    (
        ["generate", "--prefix", "ka", "--pattern", "b*"],
        "No document that the model can make begins with 'ka' and fulfils this condition.",
    ),
    (["generate", "--model", "ngram", "--prefix", "ka", "--pattern", "b*"], "begins with 'ka' and"),
    (["top", "--prefix", "ka", "--pattern", "b*"], "begins with 'ka' and fulfils this"),
    (["top", "--memory", "lots"], "written 512MiB, 1GiB or 2G"),
    (["top", "-n", "5000", "--memory", "1MiB"], "--memory raises the limit"),
    (["generate", "--seed", "-3"], "at least 0, not '-3'"),
    (["next", "ab1"], "Character '1' at position 3"),
    (["score"], "There is nothing to score"),
    (["score", "--input", "missing.txt"], "no such file"),
    (["examples", "a b"], "Character ' ' at position 2"),
    (["train", "--model", "ngram", "-o", "order=9"], "at most 8"),
    (
        ["train", "--model", "mlp", "-o", "steps=many"],
        "'steps' should be a whole number, not 'many'.",
    ),
    (["train", "--model", "mlp", "-o", "activation=sine"], "'sine'"),
    (["train", "--model", "mlp", "-o", "steps=1", "--device", "cuda"], "no device 'cuda'"),
    (["train", "--config", "none.yaml"], "no such file"),
    (["eval", "--split", "tset"], "Did you mean 'test'?"),
    (["corpora", "show", "none.txt"], "There is no corpus or file 'none.txt'"),
    (["plugins", "show", "top"], "Did you mean"),
    (["plugins", "show", "indian-names"], "is a corpus"),
    (["generate", "--corpus", "tests"], "it is a folder"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_wrong_requests(arguments, said):
    done = tokgen(*arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "corpus: indian-names\nmodle: mlp\n",
            "(line 2) has no option 'modle'. Did you mean 'model'?",
        ),
        (
            "model: mlp\noptions:\n  hidden: 8\n  hiden: 9\n",
            "line 4: Model 'mlp' has no option 'hiden'",
        ),
        ("model: mlp\noptions:\n  hidden: many\n", "line 3: Model 'mlp': option 'hidden'"),
        ("seed: -1\n", "(line 1): option 'seed'"),
        ("model: [\n", "not YAML"),
        ("just text\n", "not a table of keys"),
    ],
)
def test_wrong_recipes_name_file_line_and_key(tmp_path, content, said):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(content)
    done = tokgen("train", "--config", recipe)
    assert done.code == 2
    assert str(recipe) in done.err
    assert said in done.err


def test_traceback_shows_all():
    done = tokgen("--traceback", "next", "ab1")
    assert done.code == 2
    assert "Traceback" in done.err


@pytest.mark.parametrize("asked", [["--traceback", "plugins", "show"], ["plugins", "show"]])
def test_a_traceback_shows_where_a_plugin_fails_while_it_is_loaded(tmp_path, asked):
    (tmp_path / "unlucky.py").write_text(
        "def fail():\n    raise RuntimeError('no luck')\n\nfail()\n"
    )
    flag = [] if "--traceback" in asked else ["--traceback"]
    done = tokgen(*asked, tmp_path / "unlucky.py", *flag)
    assert done.code == 3
    assert 'unlucky.py", line 2, in fail' in done.err
    said = "The file unlucky.py cannot be imported: RuntimeError: no luck (unlucky.py, line 2)"
    assert done.err.splitlines()[-1] == f"tokgen: {said}"
    assert "Traceback" not in tokgen("plugins", "show", tmp_path / "unlucky.py").err


def test_the_help_of_what_loads_a_plugin_names_the_flag():
    assert "--traceback" in tokgen("plugins", "show", "--help").out


def test_head_is_quiet():
    command = f"{sys.executable} -m tokgen generate -n 20000 --seed 1 | head -n 2"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == 2
    assert "Broken" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_of_one_word_is_enough(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("one\n")
    done = tokgen("train", "--corpus", path, "--model", "ngram", "--json")
    assert done.code == 0
    assert "validation_loss" not in done.rows[0]
    wrong = tokgen("eval", "--corpus", path, "--model", "ngram")
    assert wrong.code == 2
    assert "The validation split" in wrong.err


@pytest.mark.parametrize("command", [[], ["corpora"], ["plugins"]])
def test_a_command_alone_shows_its_help(command):
    done = tokgen(*command)
    assert done.code == 0
    assert done.out.startswith("Usage: ")
    assert "\\n" not in done.out
    assert not done.err
