"""`tokgen repl`: the interactive session, read with prompt_toolkit and shown with rich."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from tokgen.cli.arguments import (
    CheckpointArgument,
    CorpusArgument,
    JsonArgument,
    ModelArgument,
    OptionsArgument,
    SeedArgument,
    WhereArgument,
    drawn_seed,
    request_from,
)
from tokgen.cli.bars import percent
from tokgen.cli.distribution import Sort, as_json
from tokgen.cli.next import show
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import inert, output_console, print_json
from tokgen.session import Completed, Distribution, Event, Left, Refused, Sampled, Session, Told

PROMPT = "› "
ROWS = 8


def repl(
    corpus: CorpusArgument = None,
    model: ModelArgument = None,
    checkpoint: CheckpointArgument = None,
    where: WhereArgument = None,
    option: OptionsArgument = None,
    seed: SeedArgument = None,
    json: JsonArgument = False,
) -> None:
    """Watch a model choose: type a prefix, press Enter to sample a token, :help for more."""
    text_model = open_model(request_from(corpus, model, checkpoint, where, option))
    session = Session(text_model, drawn_seed() if seed is None else seed)
    tell = _print_json if json else _print
    for line in _lines():
        for event in session.handle(line):
            tell(event)
            if isinstance(event, Left):
                return


def _lines() -> Iterator[str]:
    if not sys.stdin.isatty():
        yield from (line.rstrip("\n") for line in sys.stdin)
        return
    from prompt_toolkit import PromptSession

    prompt: PromptSession[str] = PromptSession()
    while True:
        try:
            yield prompt.prompt(PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def _print(event: Event) -> None:
    console = output_console()
    if isinstance(event, Distribution):
        show([event.next], Sort.probability, ROWS)
    elif isinstance(event, Sampled):
        said = f"rank {event.rank}, {percent(event.prob)}, {event.surprisal_bits:.2f} bits"
        console.print(f"{inert(event.token)}: {said}", style="bold")
    elif isinstance(event, Completed):
        known = "in the corpus" if event.known else "not in the corpus"
        console.print(f"{inert(event.text)} is complete: log p {event.logprob:.2f}, {known}")
    elif isinstance(event, Told):
        console.print(inert_lines(event.text))
    elif isinstance(event, Refused):
        console.print(inert(event.text), style="red")


def inert_lines(text: str) -> str:
    """Text made inert line by line."""
    return "\n".join(inert(line) for line in text.splitlines())


def _print_json(event: Event) -> None:
    print_json({"event": type(event).__name__.lower(), **_fields(event)})


def _fields(event: Event) -> dict[str, Any]:
    if isinstance(event, Distribution):
        return as_json(event.next, math.nan)
    return asdict(event)
