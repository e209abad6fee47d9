"""What a user can get wrong, and the sentence that helps.

Each error is one sentence for standard error; its class decides the exit code. What is not a
`TokgenError` is a fault of tokgen's own and may show a traceback.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Iterator

LONGEST_SENTENCE = 1_500
MOST_CHOICES = 30


class TokgenError(Exception):
    """tokgen could not do what was rightly asked (a full disk, say): exit code 1.

    Attributes:
        field: the argument that has the wrong value, by its name in the library; the command line
            adds the flag that sets it.
    """

    exit_code = 1

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(cut(message))
        self.field = field


class RequestError(TokgenError, ValueError):
    """The request was wrong; the message names what, where and the nearest valid choice.

    It is a ValueError too, since in Python it says that an argument has a wrong value.
    """

    exit_code = 2


class TooRareError(TokgenError):
    """So many documents in a row did not meet the conditions that the search gave up."""


class PluginError(TokgenError):
    """A plugin failed; the message names the plugin and the distribution that brought it."""

    exit_code = 3


class DeprecatedPluginWarning(FutureWarning):
    """A plugin is written for a contract that a later tokgen will not read any more."""


def sentence_about(error: BaseException) -> str:
    """What failed, in one sentence; what is no `TokgenError` is a fault of tokgen's own."""
    if isinstance(error, TokgenError):
        return str(error)
    return cut(f"tokgen failed: {type(error).__name__}: {error}".splitlines()[0])


def cut(sentence: str) -> str:
    """The sentence as far as it fits on a screen: what it quotes may be a file of megabytes."""
    rest = len(sentence) - LONGEST_SENTENCE
    if rest <= 0:
        return sentence
    return f"{sentence[:LONGEST_SENTENCE]} … ({rest:,} more characters)"


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return `" Did you mean 'ngram'?"`, or the first choices there are when none is close."""
    known = sorted(choices)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f" Did you mean {close[0]!r}?"
    if len(known) > MOST_CHOICES:
        shown = ", ".join(known[:MOST_CHOICES])
        return f" There are {len(known):,}: {shown}, … ({len(known) - MOST_CHOICES:,} more)."
    return f" There {'is' if len(known) == 1 else 'are'}: {', '.join(known)}." if known else ""


def counted(number: int, noun: str) -> str:
    """`1 token`, `1,204 tokens`: a number with what it counts."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def lacks_torch(error: BaseException) -> bool:
    """Whether the error says that torch is not installed, which is no plugin's fault."""
    return isinstance(error, ModuleNotFoundError) and error.name == "torch"


@contextlib.contextmanager
def needing_torch(what: str) -> Iterator[None]:
    """Say that `what` needs torch where the code inside imports it and it is not installed.

    Raises:
        RequestError: torch is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if not lacks_torch(error):
            raise
        raise RequestError(
            f"{what} needs torch, which is not installed: python -m pip install torch."
        ) from error
