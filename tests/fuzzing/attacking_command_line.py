"""Arguments of the command line: any of its commands and options, with values that hardly fit."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path

import typer
from hypothesis import strategies as st
from mutation import texts
from small_models import ngram_path
from target import Target

from tokgen import cli

# `repl` reads standard input, `plugins` runs code that a file brings.
ASKED = ["generate", "next", "score", "top", "analyze", "tree", "examples", "info", "embeddings"]
ASKED += ["eval", "corpora"]
# These would rightly write a file or train for long.
LEFT_OUT = {"--plot", "--output", "--plugin", "--corpus", "--model", "--max-length", "--help"}

numbers = st.integers(-2, 40).map(str)
values = st.one_of(
    numbers,
    st.sampled_from(["0.5", "nan", "inf", "1e999", "4..6", "..", "?a*", "na", "sex=f", "f"]),
    st.sampled_from(["temperature:t=2", "top_k:k=3", "probability", "alphabet", "text", "jsonl"]),
    texts,
)


def _options(command):
    return sorted({name for each in command.params for name in each.opts if name[0] == "-"})


@st.composite
def command_lines(draw):
    name = draw(st.sampled_from(ASKED))
    command = typer.main.get_command(cli.application([name]))
    said = []
    while hasattr(command, "commands"):  # a group, or the application itself
        known = sorted(command.commands)
        name = name if name in known else draw(st.sampled_from([*known, "nosuch"]))
        said.append(name)
        if name not in known:
            return said
        command = command.commands[name]
    said += draw(st.lists(st.one_of(st.text("banakolm", max_size=5), texts), max_size=2))
    options = [name for name in _options(command) if name not in LEFT_OUT]
    for name in draw(st.lists(st.sampled_from(options), max_size=3)):
        said += [name, *draw(st.lists(values, max_size=1))]
    if "--checkpoint" in _options(command) and "--checkpoint" not in said:
        said += ["--checkpoint", "SMALL"]
    return said


def arguments():
    """What stands behind `tokgen`, as a JSON list."""
    return Target(
        command_lines().map(lambda said: json.dumps(said).encode()),
        _run,
        ("tokgen/cli/arguments.py",),
    )


def _run(content: bytes, folder: Path) -> None:
    said = [str(ngram_path()) if word == "SMALL" else word for word in json.loads(content)]
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._run(said, show_traceback=False)
    assert code in (0, 1, 2, 3), code
    assert "tokgen failed" not in err.getvalue(), err.getvalue()
    assert "Traceback" not in err.getvalue(), err.getvalue()
    assert code != 2 or err.getvalue().strip(), sys.argv
