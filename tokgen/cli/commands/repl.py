"""`tokgen repl`: the interactive session, read with prompt_toolkit and shown with rich."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tokgen.cli.arguments import JsonArgument, SeedArgument, UnitArgument, check_unit
from tokgen.cli.bundles import bundled
from tokgen.cli.conversation import converse, converse_with_person
from tokgen.cli.export import export_command
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model
from tokgen.cli.searching import WorkTold
from tokgen.cli.standard_streams import piped_lines
from tokgen.cli.terminal import print_json, say
from tokgen.cli.views.events import show_event
from tokgen.cli.views.watched_training import WatchedTraining
from tokgen.errors import TokgenError
from tokgen.exact.search.watch import searches
from tokgen.generation.scoring import tokens_read
from tokgen.plugin_api.fit_run import Progress
from tokgen.rng import drawn_seed
from tokgen.session.commands import commands_with
from tokgen.session.events_json import event_as_json
from tokgen.session.recovery import Recovery, left_behind, recovery_folder
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.text_model.given import written_as_options
from tokgen.text_model.text_model import TextModel
from tokgen.training.references import References
from tokgen.unicode import inert

if TYPE_CHECKING:
    from tokgen.cli.consoles import RecordingConsole

PROMPT = "› "
HOW_TO_BEGIN = "type a prefix to see what may follow it; Enter alone samples a token"


@bundled
def repl(
    chosen: SpeakingModel = SpeakingModel(),
    seed: SeedArgument = None,
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Watch a model choose: type a prefix, press Enter to sample a token, :help for more."""
    check_unit(unit, json=json)
    request = chosen.request()
    settings = Settings(drawn_seed() if seed is None else seed, unit=unit)
    state = State(open_model(request), settings, request, open_model, watching)
    if json:
        lines = _waited_for(piped_lines())
        converse(Session(state), lines, lambda event: print_json(event_as_json(event)))
    else:
        _converse_in_text(state)


@contextmanager
def watching(corpus: str, beside: References) -> Iterator[Callable[[Progress], None]]:
    """The loss curve and a bar while a command of the session trains."""
    with WatchedTraining(corpus, beside, stays=False) as progress:
        yield progress.report


def _converse_in_text(state: State) -> None:
    from tokgen.cli.consoles import RecordingConsole

    console = RecordingConsole()
    session = Session(state, commands_with({"export": export_command(console)}))
    if sys.stdin.isatty():
        _converse_with_person(session, console)
    else:
        lines = _remembered(_waited_for(piped_lines()), console)
        converse(session, lines, lambda event: show_event(console, event, state.settings.unit))


def _converse_with_person(session: Session, console: RecordingConsole) -> None:
    from tokgen.cli.prompt import prompt_lines

    state, recovery = session.state, Recovery(recovery_folder())
    # Which model it is has just been said, but to the terminal alone.
    console.remember(model_of(state))
    console.print(f"{settings_of(state)}   :help for help", style="dim")
    for path in left_behind(recovery_folder()):
        console.print("A session was cut off. To go on with it:")
        console.print(f":load {inert(str(path))}", soft_wrap=True)
    typed = prompt_lines(session, PROMPT, lambda: banner(state), HOW_TO_BEGIN)
    lines = _kept(_remembered(typed, console), recovery, state)
    converse_with_person(
        session, lines, lambda event: show_event(console, event, state.settings.unit)
    )
    recovery.discard()


def _remembered(lines: Iterable[str], console: RecordingConsole) -> Iterator[str]:
    """The lines, each also as a part of what is exported."""
    for line in lines:
        console.remember(f"{PROMPT}{inert(line)}")
        yield line


def _waited_for(lines: Iterable[str]) -> Iterator[str]:
    """The lines; what one of them asks for says how far it has come where it takes long."""
    for line in lines:
        with ExitStack() as told:
            for doing, work in (("looking for documents", searches), ("scoring", tokens_read)):
                told.enter_context(work.by(WorkTold(doing, work)))
            yield line


def _kept(lines: Iterable[str], recovery: Recovery, state: State) -> Iterator[str]:
    """The lines; when each has been answered, the session is kept."""
    is_told = False
    for line in lines:
        yield line
        try:
            recovery.keep(state)
        except TokgenError as error:
            if not is_told:
                say(f"this session cannot be kept for recovery: {error}")
            is_told = True


def _told(model: TextModel) -> list[str]:
    """What the model is told, where it is one that can be told something."""
    if not model.model.vocabulary.columns:
        return []
    return [f"told {written_as_options(model.given) or 'nothing'}"]


def banner(state: State) -> str:
    """Corpus, model, temperature, chain and seed in a line."""
    return f"{model_of(state)} · {settings_of(state)}"


def model_of(state: State) -> str:
    """Corpus, model and what it is told."""
    metadata = state.model.metadata
    context = state.model.model.context_length
    parts = [
        metadata.corpus.name,
        metadata.model.name + (f" context {context}" if context is not None else ""),
        *_told(state.model),
    ]
    return inert(" · ".join(parts))


def settings_of(state: State) -> str:
    """Temperature, seed and chain."""
    labels = [chained.label for chained in state.settings.chain.samplers] or ["no samplers"]
    parts = [f"T {state.temperature:g}", f"seed {state.settings.seed}", " → ".join(labels)]
    return inert(" · ".join(parts))
