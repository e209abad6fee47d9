"""Commands that train the open model: the distribution here before and after. No file changes."""

from __future__ import annotations

from collections.abc import Iterator

from tokgen.corpus.columns import encode_splits
from tokgen.errors import RequestError
from tokgen.paths import is_there, user_path
from tokgen.plugin_api.fit_run import Progress
from tokgen.session.commands.command import Command, needed, whole
from tokgen.session.commands.inspecting import apart
from tokgen.session.comparison import Compared, Comparison
from tokgen.session.events import Event, Judged, Learnt, Retrained, Told
from tokgen.session.state import State
from tokgen.text_model.text_model import TextModel
from tokgen.training.further import Further, train_further, untrained
from tokgen.training.model_request import ModelRequest
from tokgen.training.references import guessing
from tokgen.training.verdict import NOTHING_HELD_OUT, Verdict, standard_error

DEFAULT_STEPS = 20
MOST_STEPS = 1_000_000
HOW_TO_KEEP = "The checkpoint on disk is as it was; :keep FILE writes this model."


def _train(state: State, rest: str) -> Iterator[Event]:
    steps = whole(rest, "number of steps", MOST_STEPS) if rest else DEFAULT_STEPS
    model = state.model
    beside, history = guessing(model.model.vocabulary), list[Progress]()
    with state.watching(model.corpus.name, beside) as watch:

        def report(progress: Progress) -> None:
            history.append(progress)
            watch(progress)

        done = train_further(model.checkpoint, model.corpus, steps, state.settings.seed, report)
    measured = tuple(each for each in history if each.has_losses)
    if measured:
        yield Learnt(measured, beside)
    yield from _moved(state, done, steps, f"after {done.steps:,}")
    yield _judged(state, done)
    yield Told(HOW_TO_KEEP)


def _judged(state: State, done: Further) -> Event:
    """What the model that is open now is worth, beside the simplest models."""
    model, beside = state.model, state.references()
    if beside.frequency is None:
        return Told(NOTHING_HELD_OUT)
    corpus, vocabulary = model.corpus, model.model.vocabulary
    held_out = encode_splits(corpus, ["validation"], model.tokenizer, vocabulary)
    return Judged(
        Verdict(
            documents=len(held_out.documents),
            loss=done.loss_after,
            error=standard_error(model.model, held_out),
            guessing=beside.frequency,
            baseline=beside.baseline,
            goes_on=True,
        )
    )


def _untrain(state: State, rest: str) -> Iterator[Event]:
    model = state.model
    done = untrained(model.checkpoint, model.corpus, model.metadata.recipe.seed)
    yield from _moved(state, done, None, "untrained")
    yield Told(HOW_TO_KEEP)


def _moved(state: State, done: Further, asked: int | None, name: str) -> Iterator[Event]:
    """Take the model in its place, and tell what the distribution here was and is."""
    before, temperature = state.next(), state.temperature
    model = TextModel(done.checkpoint, state.model.corpus, state.model.given)
    after = state.next_with(model)
    state.retrain(model)
    yield Retrained(done.steps, asked, done.split, done.loss_before, done.loss_after)
    columns = (Compared(before, temperature, "before"), Compared(after, temperature, name))
    was, now = ("the model before", before.logprobs), ("the model now", after.logprobs)
    note = apart(state, was, now)
    yield Comparison(columns, state.settings.sort, state.settings.rows, note, present=1)


def _keep(state: State, rest: str) -> Iterator[Event]:
    path = user_path(needed(rest, ":keep FILE"))
    if is_there(path):
        raise RequestError(f"{str(path)!r} is there already: a model is kept in a new file.")
    state.model.save(path)
    # A checkpoint in a file has a corpus, rows and options of its own.
    state.request = ModelRequest(checkpoint=str(path.absolute()), given=state.request.given)
    yield Told(f"The model is kept in {rest}: --checkpoint {rest} opens it.")


TRAINING = {
    "train": Command(
        ":train [STEPS]", "go on training the open model; Ctrl-C stops it", _train, trains=True
    ),
    "untrain": Command(":untrain", "the open model before its first step", _untrain, trains=True),
    "keep": Command(":keep FILE", "write the open model as a checkpoint", _keep, True),
}
