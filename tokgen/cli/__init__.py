"""The command line: one file a command, `rich` imported only here and only when something is shown.

`main` is the way out of every command: it turns errors into one sentence and an exit code.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from typing import Annotated, Any, NoReturn

import typer

from tokgen import __version__
from tokgen.cli import corpora, plugins
from tokgen.cli.analyze import analyze
from tokgen.cli.embeddings import embeddings
from tokgen.cli.evaluate import evaluate
from tokgen.cli.examples import examples
from tokgen.cli.generate import generate
from tokgen.cli.info import info
from tokgen.cli.next import next_
from tokgen.cli.repl import repl
from tokgen.cli.score import score
from tokgen.cli.terminal import say
from tokgen.cli.top import top
from tokgen.cli.train import train
from tokgen.cli.tree import tree
from tokgen.errors import TokgenError

INTERRUPTED = 130

# typer names its base class for wrong usage differently from version to version.
_UsageError: Any = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="tokgen",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def tokgen(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version."),
    ] = False,
    show_traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where in the code an error arose.")
    ] = False,
) -> None:
    """See a language model choose its next token, train your own, generate."""


app.command()(generate)
app.command("next")(next_)
app.command()(score)
app.command()(top)
app.command()(analyze)
app.command()(tree)
app.command()(embeddings)
app.command()(examples)
app.command()(train)
app.command("eval")(evaluate)
app.command()(info)
app.command()(repl)
app.add_typer(corpora.app, name="corpora")
app.add_typer(plugins.app, name="plugins")


def main() -> NoReturn:
    """Run the command that the process was started with, and exit."""
    arguments = sys.argv[1:]
    with contextlib.suppress(AttributeError):
        # Names are UTF-8 whatever the locale; what a terminal cannot show must not end a command.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    code = _run([item for item in arguments if item != "--traceback"], "--traceback" in arguments)
    _leave(code)


def _run(arguments: list[str], show_traceback: bool) -> int:
    try:
        code = app(arguments, standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except _UsageError as error:
        say(f"tokgen: {error.format_message()}")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except TokgenError as error:
        if show_traceback:
            traceback.print_exc()
        say(f"tokgen: {error}")
        return error.exit_code
    except Exception as error:
        if show_traceback:
            traceback.print_exc()
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        say(f"tokgen failed: {told} (tokgen --traceback shows where).")
        return 1


def _leave(code: int) -> NoReturn:
    """Exit without a word where the reader of the output has gone."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
