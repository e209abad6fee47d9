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
from small_models import corpus_path, gru_path, kept, mlp_path, ngram_path, told_path
from target import Target

from tokgen import cli

# `repl` reads standard input, `plugins` runs code that a file brings.
ASKED = ["generate", "next", "score", "top", "analyze", "tree", "examples", "info", "embeddings"]
ASKED += ["eval", "corpora", "loss", "step", "classify", "models"]
# These would rightly write a file or train for long.
LEFT_OUT = {
    "--train",
    "--plot",
    "--output",
    "--plugin",
    "--corpus",
    "--model",
    "--max-length",
    "--help",
}

READERS = tuple(
    f"tokgen/cli/{name}.py"
    for name in (
        *(f"commands/{command}" for command in ("generate", "next", "score", "top", "tree")),
        *(f"commands/{command}" for command in ("analyze", "examples", "info", "evaluate")),
        *(f"commands/{command}" for command in ("loss", "step", "classify", "models")),
        "recipe_flags",
        "plugin_choice",
        "document_formats",
    )
)

KNOWN = (
    "models list",
    "generate",
    "generate --format jsonl --seed 1",
    "generate --format csv --seed 1 --output out.csv",
    "generate --format jsonl --output out.txt -n 0",
    "generate --explain-plan --length 4",
    "generate --unique -n 3 --pattern *na",
    "generate --unique -n 5000",
    "generate --output nosuch/out.txt",
    "generate --output SMALL",
    "generate --prefix ba --suffix na --temp 2 --top-k 3",
    "generate --novel --memory 1MB",
    "generate --length 9..4",
    "next ba",
    "next ba --temp 0.5 --temp 2 --json",
    "next ba --temp 1 --temp 2 --sampler top_k:k=3",
    "next ba --sampler top_k:k=3 --sampler temperature:t=2 --explain",
    "next ba --plot next.svg --rows 3 --sort alphabet",
    "next ba --plot SMALL",
    "next ba --plot nosuch/next.svg",
    "next ba --plot next.nosuch",
    "tree b --depth 2 --format dot",
    "tree b --format svg",
    "tree b --json",
    "tree b --depth 9 --width 0",
    "top -n 3 --contains na --json",
    "top -n 3 --format csv --sort alphabet",
    "top -n 3 --side-by-side --json",
    "generate --suffix na --checkpoint UNBOUNDED -n 3",
    "generate --suffix na --checkpoint UNBOUNDED -n 3 --max-length 5",
    "generate --pattern b?na --unique -n 500",
    "analyze --against SMALL",
    "top -n 0",
    "top --length 0",
    "score --json bana",
    "score bana",
    "top --length 40",
    "analyze --suffix na --json",
    "analyze --against ngram",
    "analyze --positions",
    "analyze --against UNBOUNDED --checkpoint UNBOUNDED",
    "analyze --against TOLD --checkpoint TOLD --given colour=red",
    "analyze --against SMALL --checkpoint TOLD --given colour=red --json",
    "generate --given colour=red --checkpoint TOLD -n 3",
    "generate --given colour=red -n 3",
    "generate --beam 3 -n 2",
    "generate --beam 3 --seed 1",
    "generate --beam 3 --max-length 5 -n 2 --format jsonl",
    "generate --novel-distance 1 -n 3 --seed 1",
    "generate --novel-distance 1 -n 2 --checkpoint UNBOUNDED",
    "generate --unique -n 50 --pattern b?lna",
    "generate --beam 9 -n 9 --max-length 2",
    "next ba --explain --plot explained.svg --checkpoint TOLD",
    "top --pattern balna --novel --checkpoint UNBOUNDED",
    "tree b --format text",
    "examples bana --head 3",
    "analyze --plot analyze.svg",
    "score bana kola --json",
    "score",
    "score --input nosuch.txt",
    "examples bana --json",
    "info --json",
    "corpora list --json",
    "corpora show indian-names",
    "eval --json",
    "info",
    "tree b --plot tree.svg",
    "tree b --plot tree.svg --json",
    "next ba --plot next.svg --temp 0.5 --temp 2",
    "next ba --plot next.svg --sampler top_k:k=3 --top-p 0.5",
    "examples --head 3",
    "examples bana",
    "generate --length 5 --checkpoint UNBOUNDED",
    "generate --unique -n 3 --length 5 --checkpoint UNBOUNDED",
    "eval",
    "eval --unit bits",
    "eval --unit nats",
    "eval --split nosuch",
    "eval --all --checkpoint SMALL",
    "eval --all --corpus WORDS",
    "eval --all --corpus WORDS --json --split train",
    "eval --all --corpus WORDS --plot eval.svg",
    "eval --all --corpus ONE",
    "eval --all --corpus ONE --split train",
    "eval --all --split nosuch --corpus WORDS",
    "eval --train",
    "eval --plot eval.svg",
    "loss bana",
    "loss bana bena",
    "loss bana kola --json",
    "loss",
    "loss --json",
    "loss --given colour=red",
    "loss bana --given colour=red --checkpoint TOLD",
    "loss xyz",
    "step bana --checkpoint NET",
    "step bena --checkpoint NET",
    "step bena --lr 0.5 --json --checkpoint NET",
    "step bana --lr 0 --checkpoint NET --json",
    "step bana --lr nan --checkpoint NET",
    "step bana --lr 1e308 --checkpoint NET",
    "step bana",
    "step -",
    "step xyz --checkpoint NET",
    "classify bana --checkpoint TOLD",
    "classify bana kola --rows 1 --json --checkpoint TOLD",
    "classify bana --given colour=red --checkpoint TOLD",
    "classify bana",
    "classify --checkpoint TOLD",
    "classify --json --checkpoint TOLD",
    "classify --rows 3 --checkpoint TOLD",
    "generate --side-by-side",
    "generate --sort probability -n 3 --seed 1",
    "generate --side-by-side -n 40 --sort alphabet --checkpoint TOLD",
    "generate --side-by-side --format csv",
    "generate --side-by-side -n 0",
    "models list",
    "models list --json",
    "models show KEPT",
    "models show KEPT --json",
    "models show nosuch",
    "models show m",
    "models remove",
    "models remove nosuch",
    "models remove KEPT KEPT",
    "models remove --all-of WORDS",
    "models remove --all-of WORDS",
    "models remove KEPT --all-of nosuch",
)

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
    return _with_checkpoint(said)


def _with_checkpoint(said):
    """The same, about a model or a corpus that is here, where the command speaks of one."""
    if "--all" in said and "--corpus" not in said:
        return [*said, "--corpus", "WORDS"]
    is_silent = said[0] in ("corpora", "examples", "models") or {"--checkpoint", "--all"} & {*said}
    return said if is_silent else [*said, "--checkpoint", "SMALL"]


MADE = {
    "SMALL": ngram_path,
    "NET": mlp_path,
    "UNBOUNDED": gru_path,
    "TOLD": told_path,
    "WORDS": corpus_path,
    "ONE": lambda: corpus_path(1),
    "KEPT": lambda: kept()[0].name,
}


def arguments():
    """What stands behind `tokgen`, as a JSON list."""
    return Target(
        command_lines().map(lambda said: json.dumps(said).encode()),
        _run,
        READERS,
        tuple(json.dumps(_with_checkpoint(line.split())).encode() for line in KNOWN),
    )


def _run(content: bytes, folder: Path) -> None:
    written = json.loads(content)
    if "--all" in written or "--all-of" in written:
        kept()
    said = [str(MADE[word]()) if word in MADE else word for word in written]
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._run(said, show_traceback=False)
    assert code in (0, 1, 2, 3), code
    assert "tokgen failed" not in err.getvalue(), err.getvalue()
    assert "Traceback" not in err.getvalue(), err.getvalue()
    assert code != 2 or err.getvalue().strip(), sys.argv
