"""Every command refuses, before it begins, an output that it could not write or that it reads."""

from __future__ import annotations

import inspect
import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from running import tokgen
from safetensors.numpy import save_file
from words import words_file

from tokgen.cli import COMMANDS, GROUPS, _defined, application
from tokgen.cli.file_roles import FileRole, role_of
from tokgen.errors import RequestError
from tokgen.inputs import remembering_inputs

FUNCTIONS = {(name,): _defined(reference) for name, reference in COMMANDS.items()}
for group, (reference, _) in GROUPS.items():
    for each in _defined(reference).registered_commands:
        FUNCTIONS[group, each.name or each.callback.__name__] = each.callback
ROLES = {
    command: {
        name: (parameter, role_of(parameter))
        for name, parameter in inspect.signature(function, eval_str=True).parameters.items()
    }
    for command, function in FUNCTIONS.items()
}


def flag_of(parameter):
    (option,) = (each for each in parameter.annotation.__metadata__ if hasattr(each, "help"))
    # Beside a type typer takes the first declaration for a default.
    return [option.default, *option.param_decls][-1]


def options(command, *roles):
    return [flag_of(parameter) for parameter, role in ROLES[command].values() if role in roles]


WRITTEN = (FileRole.written, FileRole.picture, FileRole.checkpoint)
WRITING = [each for each in ROLES if options(each, *WRITTEN)]


def run(command, *arguments):
    with remembering_inputs():
        application(command[:1])([*command, *map(str, arguments)], standalone_mode=False)


def refusal(command, *arguments):
    with pytest.raises(RequestError) as refused:
        run(command, *arguments)
    return str(refused.value)


@pytest.mark.parametrize("command", ROLES, ids=" ".join)
def test_every_path_says_what_it_is_for(command):
    for name, (parameter, role) in ROLES[command].items():
        if "Path" in str(parameter.annotation):
            assert role is not None, name


def test_the_commands_that_write():
    assert [" ".join(each) for each in WRITING] == [
        "generate",
        "next",
        "top",
        "tree",
        "embeddings",
        "train",
        "eval",
        "corpora show",
    ]


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_what_cannot_be_written_is_refused_before_the_work(command, tmp_path, capfd):
    folder = tmp_path / "here"
    folder.mkdir()
    for flag in options(command, *WRITTEN):
        assert "it is a folder" in refusal(command, flag, folder)
        assert "there is no folder" in refusal(command, flag, folder / "x" / "a.png")
    for flag in options(command, FileRole.picture):
        said = "'pgn' is no format of pictures. Did you mean 'png'?"
        assert said in refusal(command, flag, folder / "a.pgn")
    assert capfd.readouterr().out == ""
    assert os.listdir(folder) == []


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_an_input_is_no_output(command, tmp_path, capfd):
    link, hard = tmp_path / "link.png", tmp_path / "hard.png"
    read = Path(words_file(tmp_path))
    read = read.rename(tmp_path / "a.png")
    link.symlink_to(read)
    os.link(read, hard)
    before = read.read_bytes()
    inputs = [flag for flag in options(command, FileRole.read) if flag != "--plugin"]
    assert inputs or command == ("corpora", "show")
    for flag in options(command, *WRITTEN):
        for given in inputs:
            for path in (read, link, hard, tmp_path / ".." / tmp_path.name / "a.png"):
                said = f"{str(path)!r}: it is the same file as {str(read)!r}"
                assert said in refusal(command, given, read, flag, path)
    assert (read.read_bytes(), capfd.readouterr().out) == (before, "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_pipe_is_read_once_and_not_written_too(tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for other in (pipe, link):
        said = refusal(("train",), "--corpus", pipe, "--model", "ngram", "--output", other)
        assert f"{str(other)!r}: it is the same file as {str(pipe)!r}" in said
        said = refusal(("score",), "--corpus", pipe, "--input", other)
        assert "twice: it is a pipe." in said


def test_a_process_substitution_is_one_pipe_by_whatever_number(tmp_path):
    reading, writing = os.pipe()
    again = os.dup(reading)
    try:
        paths = [Path(f"/dev/fd/{each}") for each in (reading, again)]
        said = refusal(("train",), "--corpus", paths[0], "--config", paths[1])
    finally:
        for each in (reading, writing, again):
            os.close(each)
    assert said == f"Cannot read {str(paths[1])!r} twice: it is a pipe."


def test_a_corpus_that_is_no_option_is_an_input_too(tmp_path):
    words = Path(words_file(tmp_path))
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"corpus: {words}\nmodel: ngram\n")
    assert "same file" in refusal(("train",), "--config", recipe, "--output", words)
    assert "same file" in refusal(("train",), "--config", recipe, "--output", recipe)
    picture = Path(words.rename(tmp_path / "a.png"))
    before = picture.read_bytes()
    assert "same file" in refusal(("corpora", "show"), picture, "--plot", picture)
    assert picture.read_bytes() == before


def test_a_part_is_no_output(small_plugins, tmp_path):
    words, part = words_file(tmp_path), tmp_path / "part.safetensors"
    run(("train",), "--corpus", words, "--model", "bigram", "--output", part)
    arguments = ("--corpus", words, "--model", "blend", "-o", f"parts={part},bigram")
    assert "same file" in refusal(("train",), *arguments, "--output", part)


def test_two_outputs_are_two_files(tmp_path):
    words, path = words_file(tmp_path), tmp_path / "a.png"
    arguments = ("--corpus", words, "--model", "ngram", "--output", path)
    link = tmp_path / "link.png"
    for other in (path, tmp_path / ".." / tmp_path.name / "a.png", link):
        if other == link:
            path.write_text("there")
            link.symlink_to(path)
        assert "this command would write two outputs to it" in refusal(
            ("train",), *arguments, "--plot", other
        )


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_a_checkpoint_gives_way_to_nothing_but_a_checkpoint(command, tmp_path):
    model = tmp_path / "model"
    save_file({"weights": np.zeros(3)}, model)
    content = model.read_bytes()
    said = f"Cannot write {str(model)!r}: it holds a checkpoint, which only a training replaces."
    for flag in options(command, FileRole.written, FileRole.picture):
        assert refusal(command, flag, model) == said
        assert model.read_bytes() == content


@pytest.mark.parametrize("command", [":save", ":export"])
def test_nor_to_a_session(command, tmp_path, monkeypatch, capsys):
    model = tmp_path / "model"
    save_file({"weights": np.zeros(3)}, model)
    content = model.read_bytes()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"a\n{command} {model}\n"))
    run(["repl"], "--model", "ngram")
    said = " ".join(capsys.readouterr().out.split())
    assert said.endswith("it holds a checkpoint, which only a training replaces.")
    assert model.read_bytes() == content


def test_a_session_saves_and_exports_over_nothing_that_it_reads(tmp_path):
    words, session = Path(words_file(tmp_path)), tmp_path / "s.json"
    checkpoint = tmp_path / "m.safetensors"
    run(("train",), "--corpus", words, "--model", "ngram", "--output", checkpoint)
    before = words.read_bytes(), checkpoint.read_bytes()
    lines = [f":save {words}", f":export {words}", f":save {checkpoint}"]
    lines += [f":save {session}", f":load {session}", f":save {session}", ":quit"]
    asked = ("repl", "--checkpoint", checkpoint, "--corpus", words)
    done = tokgen(*asked, stdin="\n".join(lines))
    assert done.code == 0
    assert done.out.replace("\n", "").count("reads.") >= 2
    assert f"saved in {session}" in " ".join(done.out.split())
    assert (words.read_bytes(), checkpoint.read_bytes()) == before
