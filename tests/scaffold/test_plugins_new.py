"""`tokgen plugins new` at its edges: what it refuses, and a plugin in one file."""

from __future__ import annotations

import hashlib
import os
import runpy
import subprocess
import sys
import tomllib

import pytest
import yaml
from running import tokgen

from tokgen.plugin_api import LanguageModel, Sampler, Tokenizer, TorchModel

CONTRACTS = {
    "sampler": Sampler,
    "model": LanguageModel,
    "torch-model": TorchModel,
    "tokenizer": Tokenizer,
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def refused(*arguments):
    done = tokgen("plugins", "new", *arguments)
    assert (done.code, done.out) == (2, "")
    return done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("samplr", "soften"), "There is no kind 'samplr'. Did you mean 'sampler'?"),
        (("torch_model", "soften"), "Did you mean 'torch-model'?"),
        (("sampler", "Soften It"), "Did you mean 'soften-it'?"),
        (("sampler", "top_p"), "There is a sampler 'top_p' already, that of tokgen 0.1.0: choose"),
        (("torch-model", "gru"), "There is a model 'gru' already"),
        (("corpus", "indian-names"), "There is a corpus 'indian-names' already"),
        (("command", "train"), "There is a command 'train' already"),
        (("sampler", "field"), "would be Field, a name that its source needs"),
        (("sampler", "sampler"), "would be Sampler"),
        (("model", "samplers"), "A package 'tokgen_samplers' is installed already"),
        (("corpus", "rivers", "--single-file"), "is data with a card, not one file"),
        (("sampler", "a", "--single-file", "--author", "me"), "--author has no effect"),
        (("sampler", "a", "--author", "two\nlines"), "is not a name on one line"),
        (("sampler", "a", "--into", ""), "A path is empty"),
        (("sampler", "numpy", "--single-file"), "numpy.py would hide the module 'numpy'"),
        (("command", "json", "--single-file"), "json.py would hide the module 'json'"),
    ],
)
def test_what_is_refused_writes_nothing(arguments, said, here):
    assert said in refused(*arguments)
    assert not list(here.iterdir())


@pytest.mark.parametrize("more", [(), ("--single-file",)])
def test_nothing_is_overwritten(more, here):
    assert tokgen("plugins", "new", "sampler", "soften", *more).code == 0
    for path in here.rglob("*.py"):
        path.write_text("mine")
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    assert "is there already and is not overwritten" in refused("sampler", "soften", *more)
    assert before == {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}


def test_a_file_in_the_place_of_the_folder_is_kept(here):
    (here / "tokgen-soften").write_text("mine")
    assert "Cannot make the folder" in refused("sampler", "soften")
    assert (here / "tokgen-soften").read_text() == "mine"


def test_it_says_what_was_written_and_what_comes_next(here):
    done = tokgen("plugins", "new", "torch-model", "char-rnn")
    written = {str(path.relative_to(here)) for path in here.rglob("*") if path.is_file()}
    assert set(done.out.splitlines()) == written
    assert done.err.splitlines() == [
        "Next:",
        '  python -m pip install -e "./tokgen-char-rnn[dev]"',
        "  tokgen plugins check char-rnn",
        "  tokgen train --model char-rnn",
        "Fill in the author and the description in ./tokgen-char-rnn/pyproject.toml.".replace(
            "/", os.sep
        ),
    ]
    named = tokgen("plugins", "new", "sampler", "soften", "--author", "A")
    assert "Fill in the description in" in named.err


def test_a_name_that_is_disabled_is_still_taken_but_left_to_a_file(here, monkeypatch):
    monkeypatch.setenv("TOKGEN_DISABLE_PLUGINS", "top_p")
    said = refused("sampler", "top_p")
    assert "'top_p' already, that of tokgen 0.1.0, which TOKGEN_DISABLE_PLUGINS disables:" in said
    done = tokgen("plugins", "new", "sampler", "top_p", "--single-file")
    assert (done.code, done.out.strip()) == (0, "top_p.py")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TOKGEN_DISABLE_PLUGINS", "soften"),
        ("TOKGEN_DISABLE_PLUGINS", "samplers:soften"),
        ("TOKGEN_DISABLE_PLUGINS", "tokgen-soften"),
        ("TOKGEN_LOAD_PLUGINS", ""),
    ],
)
def test_what_will_be_disabled_is_said(variable, value, here, monkeypatch):
    monkeypatch.setenv(variable, value)
    done = tokgen("plugins", "new", "sampler", "soften")
    said = f"As long as {variable} is {value!r}, the sampler 'soften' is disabled."
    assert (done.code, done.err.splitlines()[-1]) == (0, said)


def test_it_says_which_tokgen_it_needs_and_how_to_get_it(here):
    assert tokgen("plugins", "new", "sampler", "soften").code == 0
    written = (here / "tokgen-soften" / "pyproject.toml").read_text()
    assert tomllib.loads(written)["project"]["dependencies"] == ["tokgen>=0.1", "numpy>=1.26"]
    for name in ("pyproject.toml", "README.md"):
        text = (here / "tokgen-soften" / name).read_text()
        assert "python -m pip install PATH/TO/tokgen" in text


def test_the_card_of_a_corpus_tells_its_hash_and_rows(here):
    assert tokgen("plugins", "new", "corpus", "waters").code == 0
    package = here / "tokgen-waters" / "tokgen_waters"
    data = yaml.safe_load((package / "corpus.yaml").read_text())["data"]
    content = (package / data["file"]).read_bytes()
    assert data["sha256"] == hashlib.sha256(content).hexdigest()
    assert data["rows"] == content.count(b"\n") - 1 == 40


@pytest.mark.parametrize("kind", CONTRACTS)
@pytest.mark.parametrize(
    ("name", "class_name", "own_name"),
    [("my_own", "MyOwn", None), ("my-own", "MyOwn", "my-own"), ("own2", "Own2", None)],
)
def test_a_single_file_defines_one_class_of_its_kind(kind, name, class_name, own_name, here):
    done = tokgen("plugins", "new", kind, name, "--single-file", "--into", "new")
    assert done.code == 0, done.err
    (path,) = (here / "new").iterdir()
    module = runpy.run_path(str(path))
    plugin = module[class_name]
    assert issubclass(plugin, CONTRACTS[kind])
    assert not plugin.__abstractmethods__
    assert vars(plugin).get("name") == own_name
    assert name in path.read_text().splitlines()[0]
    assert f"--plugin .{path.anchor}new" in done.err


def test_a_command_in_a_single_file_runs_by_itself(here):
    assert tokgen("plugins", "new", "command", "oddest", "--single-file").code == 0
    done = subprocess.run(
        [sys.executable, "oddest.py", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "FILE" in done.stdout
