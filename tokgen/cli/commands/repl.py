"""`tokgen repl`: the interactive session, read with prompt_toolkit and shown with rich."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tokgen.cli.arguments import JsonArgument, ModelChoice, SeedArgument, drawn_seed
from tokgen.cli.bundles import bundled
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import print_json
from tokgen.cli.views.events import show_event
from tokgen.errors import TokgenError
from tokgen.files import text_to, writing_whole
from tokgen.session.events import Event, Left, Refused
from tokgen.session.events_json import event_as_json
from tokgen.session.session import NUL, Session
from tokgen.session.state import Settings, State
from tokgen.unicode import inert

if TYPE_CHECKING:
    from rich.console import Console

PROMPT = "› "
EXPORT = ":export"


@bundled
def repl(
    chosen: ModelChoice = ModelChoice(),
    seed: SeedArgument = None,
    json: JsonArgument = False,
) -> None:
    """Watch a model choose: type a prefix, press Enter to sample a token, :help for more."""
    request = chosen.request()
    settings = Settings(drawn_seed() if seed is None else seed)
    state = State(open_model(request), settings, request, open_model)
    session = Session(state)
    if json:
        _converse(session, _piped_lines(), lambda event: print_json(event_as_json(event)))
        return
    console = _console()
    interactive = sys.stdin.isatty()
    if interactive:
        console.print(f"{banner(state)}   :help for help", style="dim")
    lines = _typed_lines(session) if interactive else _piped_lines()
    lines = _exported(lines, console, echo=True)
    _converse(session, lines, lambda event: show_event(console, event))


def _console() -> Console:
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False, record=True)


def _converse(session: Session, lines: Iterator[str], tell: Callable[[Event], None]) -> None:
    """Answer lines until one ends the session; where a person types, Ctrl-C ends only a command."""
    for line in lines:
        try:
            for event in session.handle(line):
                tell(event)
                sys.stdout.flush()
                if isinstance(event, Left):
                    return
        except KeyboardInterrupt:
            if not sys.stdin.isatty():
                raise
            tell(Refused("interrupted"))


def banner(state: State) -> str:
    """Corpus, model, temperature, chain and seed in a line."""
    metadata = state.model.metadata
    context = state.model.model.context_length
    labels = [chained.label for chained in state.settings.chain.samplers] or ["no samplers"]
    parts = [
        metadata.corpus.name,
        metadata.model.name + (f" context {context}" if context is not None else ""),
        f"T {state.temperature:g}",
        f"seed {state.settings.seed}",
        " → ".join(labels),
    ]
    return inert(" · ".join(parts))


def _piped_lines() -> Iterator[str]:
    yield from (line.rstrip("\n") for line in sys.stdin)


def _exported(lines: Iterator[str], console: Console, *, echo: bool) -> Iterator[str]:
    """The lines, but for `:export FILE`, which writes what was shown so far."""
    for line in lines:
        command, _, file = line.strip().partition(" ")
        if command != EXPORT or NUL in file:
            if echo:
                console.quiet = True
                console.print(f"{PROMPT}{inert(line)}")
                console.quiet = False
            yield line
        elif not file:
            console.print("Something is missing: :export FILE", style="red")
        else:
            _export(console, Path(file.strip()))


def _export(console: Console, path: Path) -> None:
    try:
        is_picture = path.suffix == ".svg"
        shown = (
            console.export_svg(title="tokgen", clear=False)
            if is_picture
            else console.export_text(clear=False)
        )
        with writing_whole(path) as file:
            text_to(file).write(shown)
    except TokgenError as error:
        console.print(inert(str(error)), style="red")
    else:
        console.print(f"  exported to {inert(str(path))}")


def _typed_lines(session: Session) -> Iterator[str]:
    from tokgen.cli.prompt import prompt_lines

    return prompt_lines(session, PROMPT, lambda: banner(session.state))
