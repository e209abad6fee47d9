"""The command line: one file a command, `rich` imported only here and only when something is shown.

`main` is the way out of every command: it turns errors into one sentence and an exit code.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import typer

from tokgen import __version__
from tokgen.cli import completion
from tokgen.cli.file_roles import checking_files
from tokgen.cli.interruption import interruptible
from tokgen.cli.listing import CommandListing
from tokgen.cli.plugin_files import taking_plugins
from tokgen.cli.standard_streams import open_closed_streams, use_utf8
from tokgen.cli.terminal import INTERRUPTED, say
from tokgen.errors import DeprecatedPluginWarning, TokgenError, sentence_about
from tokgen.inputs import remembering_inputs
from tokgen.paths import cannot_write

# Where each command is defined. Only the one that is asked for is imported: start-up is short.
COMMANDS = {
    "generate": "generate:generate",
    "next": "next:next_",
    "score": "score:score",
    "loss": "loss:loss",
    "step": "step:step",
    "classify": "classify:classify",
    "top": "top:top",
    "analyze": "analyze:analyze",
    "tree": "tree:tree",
    "embeddings": "embeddings:embeddings",
    "examples": "examples:examples",
    "train": "train:train",
    "eval": "evaluate:evaluate",
    "info": "info:info",
    "repl": "repl:repl",
    "serve": "serve:serve",
}
# Groups of commands, with what the help says of them.
GROUPS = {
    "corpora": ("corpora:app", "List, show and check corpora."),
    "models": ("models:app", "List, show and remove the models that trainings have kept."),
    "plugins": ("plugins:app", "List, show, check and begin plugins."),
}
_PLACE = "tokgen.cli.commands"
_OWN_COMMANDS = (*COMMANDS, *GROUPS)


# typer names its base class for wrong usage differently from version to version.
_UsageError: Any = typer.BadParameter.__mro__[1]


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


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


def application(names: Iterable[str]) -> typer.Typer:
    """The command line with these commands, the others left out and not imported."""
    app = typer.Typer(
        cls=CommandListing,
        name="tokgen",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(tokgen)
    for name in names:
        if name in GROUPS:
            reference, summary = GROUPS[name]
            app.add_typer(_defined(reference), name=name, help=summary)
        elif name in COMMANDS:
            app.command(name)(checking_files(taking_plugins(_defined(COMMANDS[name]))))
    return app


def _defined(reference: str) -> Any:
    module, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(f"{_PLACE}.{module}"), attribute)


def _application_for(arguments: list[str]) -> tuple[typer.Typer, AbstractContextManager[Any]]:
    """The command line with the command that the arguments begin with, or with all there are.

    Beside it what a call of it stands in: whoever brought a command is blamed where it fails.
    """
    first = [each for each in arguments if each != "--"][:1]
    if set(first) & set(_OWN_COMMANDS):
        return application(first), nullcontext()
    from tokgen.cli import plugin_commands
    from tokgen.guards.blame import blamed

    if first and plugin_commands.is_offered(first[0]):
        app = application(())
        found = plugin_commands.add_imported(app, first[0])
        passing = (_UsageError, typer.Exit, typer.Abort, BrokenPipeError)
        return app, blamed(found, "its command", passing)
    installs = "--install-completion" in arguments
    return _whole_application(), completion.installing() if installs else nullcontext()


def _whole_application() -> typer.Typer:
    """The command line with all commands there are, by name only: nothing is invoked from it."""
    from tokgen.cli import plugin_commands
    from tokgen.registry.found import FoundPlugin

    app = application(())
    for name, reference in COMMANDS.items():
        own = FoundPlugin("commands", name, "tokgen", __version__, f"{_PLACE}.{reference}")
        plugin_commands.add_named(app, own)
    for name, (_, summary) in GROUPS.items():
        plugin_commands.add_summary(app, name, summary)
    for name, found in plugin_commands.offered().items():
        if name not in _OWN_COMMANDS:
            plugin_commands.add_named(app, found)
    return app


def _application_to_complete(words: list[str]) -> typer.Typer:
    """The command line in which the words are completed; nothing of a plugin is imported."""
    first = words[:1]
    return application(first) if set(first) & set(_OWN_COMMANDS) else _whole_application()


def main() -> NoReturn:
    """Run the command that the process was started with, and exit."""
    gc.disable()  # Until the command is imported, as in `__main__`.
    arguments = sys.argv[1:]
    # pydantic would look for plugins of its own in every distribution, and end at a damaged one.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    open_closed_streams()
    use_utf8()
    warnings.showwarning = _show_warning
    if completion.is_asked_for():
        _leave(completion.complete(_application_to_complete))
    code = _run([item for item in arguments if item != "--traceback"], "--traceback" in arguments)
    _leave(code)


_show_any_warning = warnings.showwarning


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """What a user is to know of a plugin is one line; any other warning is shown with its place."""
    if issubclass(category, DeprecatedPluginWarning):
        say(f"tokgen: {message}")
    else:
        _show_any_warning(message, category, filename, lineno, file, line)


def _run(arguments: list[str], show_traceback: bool) -> int:
    try:
        with interruptible():
            app, calling = _application_for(arguments)
            _collect_garbage()
            with calling, remembering_inputs():
                code = app(arguments, standalone_mode=False, prog_name="tokgen")
            sys.stdout.flush()
        if code == INTERRUPTED:
            say("interrupted")
        return code if isinstance(code, int) else 0
    except _UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message())
            return 0
        from tokgen.cli.wrong_usage import sentence_of

        say(f"tokgen: {sentence_of(error, arguments)}")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except SystemExit as ended:
        # typer ends so with 1 where the reader of the output has gone, which is no failure.
        if isinstance(ended.__context__, BrokenPipeError):
            return 0
        raise
    except TokgenError as error:
        if show_traceback:
            traceback.print_exc()
        say(f"tokgen: {error}{_flag_hint(error)}")
        return error.exit_code
    except Exception as error:
        if show_traceback:
            traceback.print_exc()
        if isinstance(error, OSError) and error.filename is None:
            return _output_failed(error)
        say(f"{sentence_about(error)} (tokgen --traceback shows where).")
        return TokgenError.exit_code


def _collect_garbage() -> None:
    """Look for garbage from now on, which a process does not do while it begins."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _output_failed(error: OSError) -> int:
    """Say why what was printed cannot be written; whatever has a name of its own is no stream."""
    say(f"tokgen: {cannot_write(Path('standard output'), error)}")
    return TokgenError.exit_code


_FLAG_HINTS = {
    "column": "--column NAME says which column holds the documents.",
    "force": "--force replaces it.",
    "corpus": "--corpus NAME|FILE names one.",
    "checkpoint": "--checkpoint FILE opens it (of train: --from FILE).",
    "given": "--model NAME or --checkpoint FILE names one that was trained with --condition-on.",
    "plugin": "--plugin FILE brings the plugins of a file.",
    "memory": "--memory raises the limit (1GiB by default).",
    "max_length": "--length ..N asks for short documents.",
}


def _flag_hint(error: TokgenError) -> str:
    """Which flag would have to be another, for an error of the library that names a field."""
    hint = _FLAG_HINTS.get(error.field or "")
    return f" {hint}" if hint else ""


def _leave(code: int) -> NoReturn:
    """Exit; of what is still to be written to a reader that has gone nothing is said."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if any(thread.daemon for thread in threading.enumerate()):
        # A plugin's call that was given up still runs: the interpreter's end would wait for the
        # threads that it has started, and tear down under it what it uses.
        os._exit(code)
    sys.exit(code)
