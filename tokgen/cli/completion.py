"""Completion: what a shell is told when a user presses Tab.

The shell starts `tokgen` with the words in the environment. Typer finds the argument and asks for
its candidates; whatever fails on the way is no candidate and no word to the user.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Callable, Iterator

import typer

from tokgen.errors import TokgenError

VARIABLE = "_TOKGEN_COMPLETE"
_SEPARATORS = ":="
_ACTING_IN_BASH = re.compile(r"""([\s!"#$&'()*;<>?\[\\\]^`{|}])""")


def is_asked_for() -> bool:
    """Whether a shell has started this process to complete words."""
    return os.environ.get(VARIABLE, "").startswith("complete_")


def complete(application_for: Callable[[list[str]], typer.Typer]) -> int:
    """Print the candidates; the exit code.

    Args:
        application_for: the command line for words that were typed; it imports no plugin.
    """
    written, cut = io.StringIO(), 0
    try:
        in_bash = os.environ[VARIABLE] == "complete_bash"
        if in_bash:
            cut = _join_words_of_bash()
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(io.StringIO()):
            code = _ask_typer(application_for(_words_before()))
    except BaseException:  # also what ends a process: a key press shall end none
        return 0
    for candidate in (line[cut:] for line in written.getvalue().splitlines()):
        if candidate:
            print(_ACTING_IN_BASH.sub(r"\\\1", candidate) if in_bash else candidate)
    return code


@contextlib.contextmanager
def installing() -> Iterator[None]:
    """Say in a sentence where the script of a shell cannot be written.

    Raises:
        TokgenError: it cannot.
    """
    try:
        yield
    except OSError as error:
        raise TokgenError(
            f"Cannot install the completion into {str(error.filename)!r}: {error.strerror}. "
            "tokgen --show-completion prints it."
        ) from None


def _ask_typer(app: typer.Typer) -> int:
    try:
        app([], standalone_mode=False, prog_name="tokgen")
    except SystemExit as end:  # fish is told by the exit code whether there are candidates
        return end.code if isinstance(end.code, int) else 0
    return 0


def _words_before() -> list[str]:
    """The words between the program's name and the one that is completed."""
    if "COMP_WORDS" in os.environ:
        return os.environ["COMP_WORDS"].split("\n")[1 : int(os.environ["COMP_CWORD"])]
    return os.environ.get("_TYPER_COMPLETE_ARGS", "").split()[1:]


def _join_words_of_bash() -> int:
    """Put together the words that bash takes apart at `:` and `=`.

    Returns how many characters of a candidate stand before the part that bash will replace.
    """
    parts, at = os.environ["COMP_WORDS"].split("\n"), int(os.environ["COMP_CWORD"])
    parts += [""] * (at + 1 - len(parts))
    words: list[str] = []
    for place, part in enumerate(parts[: at + 1]):
        separated = words and (_separates(part) or _separates(parts[place - 1]))
        words[-1:] = [words[-1] + part] if separated else [*words[-1:], part]
    os.environ["COMP_WORDS"] = "\n".join(words)
    os.environ["COMP_CWORD"] = str(len(words) - 1)
    replaced = "" if _separates(parts[at]) else parts[at]
    if replaced == words[-1]:
        return 0
    is_option = words[-1].startswith("-") and "=" in words[-1]
    value = words[-1].partition("=")[2] if is_option else words[-1]
    return len(value) - len(replaced)


def _separates(part: str) -> bool:
    return bool(part) and set(part) <= set(_SEPARATORS)
