"""Where torch is not installed: what needs it says so in one sentence, all else goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tokgen.errors import needing_torch

# What `import torch` does with None in its place is what it does where torch is not installed.
SCRIPT = "import sys; sys.modules['torch'] = None; import tokgen.cli; tokgen.cli.main()"


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("abba\nbaba\naba\nabab\n" * 20)
    return path


def without_torch(*arguments):
    command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["train", "--model", "mlp"], "Training the model 'mlp'"),
        (["train", "--model", "gru"], "Training the model 'gru'"),
        (["generate", "--where", "origin=tamil"], "Training the model 'lstm'"),
        (["embeddings", "--initial"], "Making the initial weights of the model 'lstm'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_needs_torch_says_how_to_install_it(arguments, what):
    done = without_torch(*arguments)
    sentence = f"{what} needs torch, which is not installed: python -m pip install torch."
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"tokgen: {sentence}"


def test_a_session_says_so_and_goes_on(words):
    asked = f":corpus {words}\nab\n:quit\n"
    command = [sys.executable, "-c", SCRIPT, "repl", "--seed", "1"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Training the model 'mlp' needs torch" in done.stdout + done.stderr
    assert "ab▏" in done.stdout


def test_a_model_without_a_network_is_trained(words, tmp_path):
    made = tmp_path / "m.safetensors"
    done = without_torch("train", "--corpus", words, "--model", "ngram", "--output", made)
    assert done.returncode == 0, done.stderr
    assert without_torch("score", "--checkpoint", made, "abba").returncode == 0


def test_another_missing_module_is_not_taken_for_torch():
    with pytest.raises(ModuleNotFoundError, match="no_such_module"), needing_torch("This"):
        import no_such_module  # noqa: F401
