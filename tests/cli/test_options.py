"""Nothing asked for is silently ignored: every option of every command shows, or is refused.

The options are those of the application itself, so that none can be added without being tried.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import shlex
import sys
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import typer
import uvicorn
from options_tried import ANSWERED, TABLE, Shows
from words import WORDS, words_file

from tokgen import cli
from tokgen.server import running
from tokgen.training.kept_models import kept_models
from tokgen.training.metadata import read_metadata
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

pytestmark = pytest.mark.slow

SHOWN = {
    Shows.output: "out",
    Shows.talk: "err",
    Shows.file: "files",
    Shows.checkpoint: "checkpoint",
}
SESSION = "sha\n:run\n:run\n:all\n"
# The same in every command: it shows where an error arose.
OF_ALL = {"--help", "--traceback"}
PLUGINS = """
from tokgen_tokenizers.characters import Characters
from tokgen_models.mlp import MLP
from tokgen_models.ngram import NGram

class FlatLetters(Characters):
    "Letters, as those of the other."
    name = "flat_letters"

class Flat(NGram):
    "Counts, as those of the other."
    name = "flat"

class FlatMute(NGram):
    "It says nothing of itself."
    name = "flat_mute"

    def explain(self, prefixes):
        return []

class FlatNet(MLP):
    "A network, as the other."
    name = "flat_net"
"""


def leaves(command, path=()):
    """Every command that does something, by what is typed."""
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path), command
    for name, each in (below or {}).items():
        yield from leaves(each, (*path, name))


def declared():
    """The options of each command, by their longest name."""
    application = cli.application([*cli.COMMANDS, *cli.GROUPS])
    return {
        name: {
            max(parameter.opts, key=len)
            for parameter in command.params
            if parameter.param_type_name == "option"
        }
        for name, command in leaves(typer.main.get_command(application))
    }


DECLARED = declared()
TRIED = [(command, name) for command, options in TABLE.items() for name in options]


@pytest.mark.parametrize("command", DECLARED)
def test_every_option_is_tried(command):
    untried = sorted(DECLARED[command] - TABLE[command].keys() - OF_ALL)
    assert not untried, f"{untried[0]} of `{command}` is not tried here"
    gone = sorted(TABLE[command].keys() - DECLARED[command])
    assert not gone, f"`{command}` has no {gone[0]} any more"


@dataclass(frozen=True)
class Done:
    """What a command left behind: files by name, with what is in them but for checkpoints."""

    code: int
    out: str
    err: str
    files: dict[str, str]
    checkpoint: dict | None


class Standard(io.TextIOWrapper):
    """A standard stream in memory, with the bytes beneath."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)

    @property
    def text(self):
        return self.buffer.getvalue().decode()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Corpora, checkpoints and a recipe, made once."""
    folder = tmp_path_factory.mktemp("made")
    files = {"words": words_file(folder), "missing": "missing.py"}
    for name, content in {
        "other.txt": "\n".join(["Alpha", "Alpha", "Beta", "Gamma", "Delta"] * 12),
        "table.csv": "colour,word\n"
        + "".join(f"{'red' if word[0] in 'bd' else 'white'},{word}\n" for word in WORDS),
        "few.txt": "abra\n",
        "fewer.txt": "\n".join(WORDS[::2]),
        "recipe.yaml": "model: ngram\noptions: {order: 2}\n",
    }.items():
        (folder / name).write_text(content)
        files[Path(name).stem] = str(folder / name)
    told = {"corpus": files["table"], "column": "word", "condition_on": ["colour"]}
    quick = {"steps": 20, "hidden": 8, "learning_rate": 0.1}
    for name, recipe in {
        "ngram": {"model": "ngram"},
        "mlp": {"model": "mlp", "options": quick},
        "told": {"model": "gru", "options": quick, **told},
        "tiny": {"model": "mlp", "options": quick | {"context": 1}},
        "tiny_told": {"model": "mlp", "options": quick | {"context": 1}, **told},
    }.items():
        path = folder / f"{name}.safetensors"
        planned = plan(Recipe.model_validate({"corpus": files["words"], "seed": 1, **recipe}))
        train(planned).checkpoint.save(path)
        files[name] = str(path)
    return files


class Listening(io.BytesIO):
    """A socket that listens nowhere."""

    def __init__(self, host, port):
        super().__init__()
        self.getsockname = lambda: (host, port)


@dataclass(frozen=True)
class Runs:
    """Runs commands in this process, each in a home and a folder of its own."""

    files: dict[str, str]
    folder: Path
    patch: pytest.MonkeyPatch
    before: dict[tuple, Done]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self, command, *typed):
        here = self.folder / str(next(self.numbers))
        here.mkdir()
        self.patch.chdir(here)
        for home in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            self.patch.setenv(home, str(here / "home"))
        files = self.files | {"kept": self._kept() if command.startswith("models") else ""}
        code, out, err = self._run(" ".join([command, *typed]).format(**files))
        return Done(code, steady(out, here), steady(err, here), *left_in(here))

    def run_once(self, command, *typed):
        """The same, run by the first test alone that asks for it."""
        asked = (command, *typed, *(self.folder,) * ("flat" in "".join(typed)))
        if asked not in self.before:
            self.before[asked] = self.run(command, *typed)
        return self.before[asked]

    def _kept(self):
        self._run("train --corpus {words} --model ngram --seed 1".format(**self.files))
        return kept_models()[0].name

    def _run(self, typed):
        out, err, words = Standard(), Standard(), shlex.split(typed)
        asked = [word for word in words if word != "--traceback"]
        with self.patch.context() as patched:
            patched.setattr(sys, "stdin", io.StringIO(SESSION))
            patched.setattr(sys, "stdout", out)
            patched.setattr(sys, "stderr", err)
            patched.setattr(running, "listening", Listening)
            patched.setattr(uvicorn.Server, "run", lambda self, sockets: None)
            patched.setattr(webbrowser, "open", lambda address: False)
            code = cli._run(asked, asked != words)
        return code, out.text, err.text


def left_in(folder):
    """The files of a folder, and what a checkpoint among them says of itself but for its losses."""
    files, checkpoint = {}, None
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "home" not in path.parts:
            is_checkpoint = path.suffix == ".safetensors"
            files[str(path.relative_to(folder))] = "" if is_checkpoint else path.read_text()
            if is_checkpoint:
                checkpoint = read_metadata(path).model_dump(exclude={"metrics"})
    return files, checkpoint


def steady(text, folder):
    """What is printed without what differs from run to run."""
    text = re.sub(" +", " ", text.replace(str(folder), ""))
    passing = r"\d+\.\d+ s\b|seconds\W+[\d.]+( *s *)?|\d{4}-\d\d-\d\d \d\d:\d\d"
    return re.sub(passing, "…", text)


@pytest.fixture(scope="module")
def before():
    return {}


@pytest.fixture
def runs(made, before, tmp_path, monkeypatch):
    plugin = tmp_path / "plugin.py"
    plugin.write_text(PLUGINS)
    own = {"plugin": str(plugin), "out": "out", "made": "made.safetensors"}
    return Runs(made | own, tmp_path, monkeypatch, before)


@pytest.mark.parametrize("command", TABLE)
def test_what_is_shown_without_an_option_is_always_the_same(command, runs):
    beside = ANSWERED.get(command, "")
    assert runs.run(command, beside) == runs.run_once(command, beside)


@pytest.mark.parametrize(("command", "name"), TRIED)
def test_an_option_shows_or_is_refused(command, name, runs):
    tried = TABLE[command][name]
    beside = (ANSWERED.get(command, ""), tried.beside)
    first = runs.run_once(command, *beside)
    done = runs.run(command, *beside, tried.typed)
    if tried.shows is Shows.allowed:
        assert (first.code, done.code) == (2, 0), done.err
        return
    assert first.code == 0, first.err
    if tried.shows is Shows.refused:
        assert done.code == 2
        option, _, value = tried.typed.format(**runs.files).partition(" ")
        named = (option.removeprefix("--"), *filter(None, value.split("=")))
        assert any(word in done.err for word in named)
        return
    assert done.code == 0, done.err
    assert getattr(done, SHOWN[tried.shows]) != getattr(first, SHOWN[tried.shows])
    if tried.shows is Shows.talk:
        assert done.out == first.out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("generate --beam 3 --seed 1", "--seed has no effect with --beam, which draws nothing."),
        ("generate --beam 3 --unique", "--unique has no effect with --beam"),
        ("generate --beam 3 -n 4", "A beam of 3 gives at most 3 documents, not 4."),
        ("tree ab --json --format svg", "--format has no effect with --json."),
        ("tree ab --json --format text", "--format has no effect with --json."),
        ("next ab --checkpoint {ngram} --column word", "The column 'word' is of no corpus"),
        ("info --checkpoint shipped:mlp --column word", "The column 'word' is of no corpus"),
        ("plugins check ngram --explain pure", "NAME|FILE has no effect with --explain."),
        ("plugins check --explain pure --seconds 1", "--seconds has no effect with --explain."),
        ("plugins check --explain pure --kind models", "--kind has no effect with --explain."),
        ("plugins check --seconds 1", "--seconds has no effect without a plugin."),
        ("plugins check --call-seconds 1", "--call-seconds has no effect without a plugin."),
        ("plugins check -o order=2", "--option has no effect without a plugin."),
        ("plugins check --kind model", "There is no kind 'model'. Did you mean 'models'?"),
        ("plugins show ngram --kind samplers", "There is no plugin 'ngram' among the samplers."),
        (
            "train --corpus {words} --model ngram --device cuda --output {made}",
            "The model 'ngram' trains no network: the device 'cuda' would have no effect.",
        ),
        ("generate -o order=2 -o order=3", "The option 'order' is given twice."),
    ],
)
def test_what_would_have_no_effect_is_refused(typed, said, runs):
    done = runs.run(typed)
    assert (done.code, done.out, done.files) == (2, "", {})
    assert said in done.err


def test_options_beside_json_show_in_it(runs):
    (first,) = json_of(runs.run("next ab --json"))
    (done,) = json_of(runs.run("next ab --json --rows 3 --sort alphabet --explain --top-k 2"))
    assert [each["token"] for each in done["next"]] == ["a", "b", "c"]
    assert [each["token"] for each in done["model"]] == ["a", "b", "c"]
    assert [len(stage["next"]) for stage in done["stages"]] == [3]
    assert "explanation" not in first
    assert done["explanation"][-1]["name"] == "softmax"
    assert len(first["next"]) == 27
    both = runs.run("next ab --json --plot {out}.svg")
    assert json_of(both) == [first]
    assert list(both.files) == ["out.svg"]


def test_an_explanation_is_refused_before_anything_is_shown(runs):
    done = runs.run("next ab --explain --corpus {words} --model flat_mute --plugin {plugin}")
    assert (done.code, done.out) == (2, "")
    assert "does not explain itself" in done.err


def test_what_changes_nothing_in_a_training_is_said(runs):
    train = "train --model ngram --seed 1 --output {made}"
    done = runs.run(train, "--corpus {other}")
    assert "56 documents repeat another and are kept" in done.err
    done = runs.run(train, "--corpus {other} --deduplicate")
    assert "56 documents repeat another and are dropped" in done.err
    done = runs.run(train, "--corpus {words} --deduplicate")
    assert "--deduplicate changes nothing: no document repeats another" in done.err
    done = runs.run(train, "--corpus {few} --refit")
    assert "--refit changes nothing: no document is held out" in done.err


def json_of(done):
    return [json.loads(line) for line in done.out.splitlines()]


# Where the first of two options changes nothing beside the second, since both ask for the same; in
# any command, or in the one that is named before them.
SHADOWED = {
    ("--corpus", "--checkpoint"): "the checkpoint was trained on this corpus",
    ("--checkpoint", "--corpus"): "what is trained on the corpus is what the checkpoint holds",
    ("--corpus", "--given"): "beside a checkpoint a corpus counts for what is novel alone",
    ("--where", "--checkpoint"): "beside a checkpoint a corpus counts for what is novel alone",
    ("--where", "--given"): "beside a checkpoint a corpus counts for what is novel alone",
    ("top", "--min-logprob", "--corpus"): "the ten likeliest of fewer documents are likelier",
    ("top", "--min-logprob", "--where"): "the ten likeliest of fewer documents are likelier",
    ("top", "--min-logprob", "--count"): "the three likeliest are likelier",
    ("top", "--exclude", "--top-k"): "the two likeliest tokens spell no o",
    ("top", "--exclude", "--sampler"): "the two likeliest tokens spell no o",
    ("top", "--quality", "--count"): "the three likeliest are among the likeliest tenth",
    ("top", "--quality", "--model"): "the ten that are shown hold less than a tenth",
    ("top", "--quality", "--checkpoint"): "the ten that are shown hold less than a tenth",
    ("--config", "--option"): "the recipe asks for the same option",
    ("--tokenizer", "--corpus"): "it is the tokenizer that this file gets anyway",
    ("--novel", "--novel-distance"): "what is two edits from each row is none of the rows",
    ("--min-logprob", "--quality"): "the likeliest tenth is likelier than that anyway",
    ("--min-p", "--top-p"): "of the likeliest half each token is likely enough",
    ("--memory", "--corpus"): "the Markov chain of a few words fits",
    ("--memory", "--checkpoint"): "the Markov chain of an n-gram fits",
    ("--memory", "--option"): "the Markov chain of an n-gram fits",
    ("--memory", "--given"): "the model reads all tokens before, whatever fits",
    ("--model", "--initial"): "the tables begin with the same random numbers",
    ("--model", "--checkpoint"): "the checkpoint holds this model",
    ("--option", "--checkpoint"): "the checkpoint holds a model with this option",
    ("--corpus", "--initial"): "no document has been seen yet, and the letters are the same",
    ("--where", "--initial"): "no document has been seen yet",
    ("--option", "--initial"): "the embedding table is as wide with as many hidden units",
    ("--depth", "--width"): "the likeliest token ends the document",
    ("--min-p", "--top-k"): "the two likeliest tokens are all that is shown",
    ("--min-p", "--sampler"): "the two likeliest tokens are all that is shown",
    ("--top-k", "--sampler"): "it is the same sampler",
    ("--sampler", "--top-k"): "it is the same sampler",
    ("--rows", "--given"): "of the only column no value but the given one is left",
}
PAIRS = [
    (command, first, second)
    for command in (
        "next",
        "tree",
        "score",
        "loss",
        "classify",
        "examples",
        "repl",
        "embeddings",
        "eval",
        "info",
        "corpora show",
        "generate",
        "step",
        "top",
        "analyze",
        "train",
    )
    for first, second in itertools.permutations(TABLE[command], 2)
    if {TABLE[command][each].shows for each in (first, second)} <= {Shows.output, Shows.checkpoint}
]


@pytest.mark.long
@pytest.mark.parametrize(("command", "first", "second"), PAIRS)
def test_an_option_shows_beside_another_or_is_refused(command, first, second, runs):
    asked, other = TABLE[command][first], TABLE[command][second]
    beside = (ANSWERED.get(command, ""), other.beside, other.typed)
    if {first, second} & set(f"{asked.beside} {other.beside}".split()):
        pytest.skip("one of the two is given twice")
    without = runs.run_once(command, *beside, asked.beside)
    done = runs.run(command, *beside, asked.beside, asked.typed)
    is_said = f"{first} changes nothing" in done.err
    is_same = getattr(done, SHOWN[asked.shows]) == getattr(without, SHOWN[asked.shows])
    is_shadowed = done.code == 0 and is_same and not is_said
    known = SHADOWED.keys() & {(first, second), (command, first, second)}
    assert known or not is_shadowed
