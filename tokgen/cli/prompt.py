"""Reading lines at a prompt: history kept between sessions, completion, a toolbar."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from platformdirs import user_state_path
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from rich.cells import cell_len, chop_cells

from tokgen import registry
from tokgen.cli.terminal import hanging
from tokgen.errors import TokgenError
from tokgen.generation.sampler_syntax import first_option
from tokgen.session.session import Session
from tokgen.unicode import inert, nfc

MOST_COMPLETIONS = 20


class SessionCompleter(Completer):
    """Commands after a colon, then what they take; otherwise the corpus' documents."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """What the word before the cursor can become; where a plugin fails, nothing."""
        with suppress(Exception):
            yield from self._completions(document)

    def _completions(self, document: Document) -> Iterator[Completion]:
        text = document.text_before_cursor
        if text.startswith(":") and " " not in text:
            choices = [f":{name}" for name in self._session.commands]
            word = text
        elif text.startswith(":"):
            command, _, rest = text[1:].partition(" ")
            word = rest.split(" ")[-1]
            choices = self._arguments(command)
        else:
            word, choices = text, self._documents(nfc(text))
        begun = nfc(word)
        found = [choice for choice in choices if choice.startswith(begun) and choice != begun]
        yield from (Completion(each, -len(word)) for each in found[:MOST_COMPLETIONS])

    def _arguments(self, command: str) -> list[str]:
        if command in ("model", "compare"):
            return registry.names("models")
        if command == "corpus":
            return registry.names("corpora")
        if command == "chain":
            return [f"{name}{_first_option(name)}" for name in registry.names("samplers")]
        if command == "given":
            columns = self._session.state.model.model.vocabulary.columns
            return [f"{name}={value}" for name, values in columns.items() for value in values]
        if command == "sort":
            return ["probability", "alphabet"]
        if command == "go":
            return list(self._session.state.marks)
        return list(self._session.commands) if command == "help" else []

    def _documents(self, text: str) -> list[str]:
        if not text:
            return []
        try:
            documents = self._session.state.model.known
        except TokgenError:
            return []
        return sorted(document for document in documents if document.startswith(text))


def _first_option(name: str) -> str:
    first = first_option(name)
    return f":{first}=" if first else ""


def prompt_lines(
    session: Session, prompt: str, toolbar: Callable[[], str], how_to_begin: str
) -> Iterator[str]:
    """Lines as they are typed; Ctrl-C drops the line, Ctrl-D ends.

    `how_to_begin` stands dimly where the first line will stand.
    """

    def placeholder() -> FormattedText:
        nothing_yet = len(session.state.places) == 1 and not get_app().is_done
        return FormattedText([("fg:ansibrightblack", how_to_begin if nothing_yet else "")])

    typed: PromptSession[str] = PromptSession(
        history=_history(),
        completer=SessionCompleter(session),
        complete_while_typing=False,
        placeholder=placeholder,
        bottom_toolbar=lambda: toolbar_lines(
            inert(session.state.text()), toolbar(), typed.output.get_size().columns
        ),
    )
    while True:
        try:
            entered = typed.prompt(prompt)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        # Several lines that are pasted together are several entries.
        yield from entered.removesuffix("\n").split("\n")


def toolbar_lines(text: str, status: str, width: int) -> str:
    """Where one stands and what is set, on one line or, where that is too narrow, on several."""
    whole = f"{text}▏ {status}"
    if cell_len(whole) <= width:
        return whole
    lines = [f"{text}▏", *hanging(status, width)]
    return "\n".join(part for line in lines for part in chop_cells(line, width))


class _PrivateHistory(FileHistory):
    """A history that only its user can read; where it cannot be written, nothing else fails."""

    def store_string(self, string: str) -> None:
        with suppress(OSError, UnicodeError):
            super().store_string(string)


def _history() -> History:
    path = user_state_path("tokgen", appauthor=False) / "history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return _PrivateHistory(str(path))
