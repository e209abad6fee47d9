"""What the process of a training does."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

from tokgen import registry
from tokgen.arrays import Arrays
from tokgen.corpus.opening import corpus_of_lines, open_corpus
from tokgen.errors import PluginError, TokgenError, sentence_about
from tokgen.plugin_api.fit_run import Progress
from tokgen.server.training_messages import (
    Asked,
    Begun,
    Ended,
    FirstWeights,
    Message,
    Order,
    Refused,
    Weights,
)
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.evaluation import mean_nll
from tokgen.training.measuring import best_evaluation, finite_or_none
from tokgen.training.metadata import STOPPED_AT
from tokgen.training.plan import Plan, plan_on
from tokgen.training.planned_checkpoint import planned_checkpoint
from tokgen.training.references import References, references
from tokgen.training.train import train
from tokgen.training.trained import Trained, forget
from tokgen.training.verdict import NOTHING_HELD_OUT, verdict

PASTED = "The pasted text"
FEW_DOCUMENTS = 200
LOWER_PRIORITY = 10
STEPS = "steps"
SECONDS_BETWEEN_STEPS_TOLD = 0.05
# As numpy and torch say it.
OUT_OF_MEMORY = ("MemoryError", "can't allocate memory", "Unable to allocate")
DONE = "The training is done."
NOTHING_TO_KEEP = "The training was stopped before there was anything to keep."


def work(channel: Connection, order: Order) -> None:
    """Train as ordered, and tell the server of it through the channel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The server is told, and ends this process.
    _limit_memory(order.memory)
    watched = _Watched(channel)
    threading.Thread(target=watched.listen, daemon=True).start()
    try:
        last = _done(order, watched)
    except BaseException as error:  # A plugin may even raise SystemExit.
        last = Ended("failed", None, _sentence(error, order))
    watched.tell(last)


def _done(order: Order, watched: _Watched) -> Message:
    try:
        planned, cut = _planned(order)
        parameters = _parameters(planned)
    except TokgenError as error:
        return Refused(str(error), error.field, isinstance(error, PluginError))
    if parameters is not None and parameters > order.most_parameters:
        said = (
            f"The model would learn {parameters:,} numbers; at most {order.most_parameters:,} are "
            "trained here."
        )
        return Refused(said, "options", failed=False, over_limit=True)
    beside = references(planned)
    watched.tell(_begun(planned, parameters, beside, cut))
    watched.plan = planned
    _give_way(planned)
    try:
        trained = train(planned, watched.report, forget, None, watched.watch)
    except KeyboardInterrupt:
        return _stopped_before_an_evaluation(planned, watched)
    return _ended(planned, trained, beside)


def _planned(order: Order) -> tuple[Plan, str | None]:
    """What is to be done, and a sentence where the model would take more steps by itself."""
    for file in order.plugin_files:
        registry.add_file(file)
    recipe, most = order.recipe, order.most_steps
    if order.words is None:
        corpus = open_corpus(recipe.corpus, column=recipe.column)
    else:
        corpus = corpus_of_lines(order.words, PASTED)
    planned = plan_on(recipe, corpus)
    steps = getattr(planned.options, STEPS, 0)
    if steps <= most:
        return planned, None
    fewer = recipe.model_copy(update={"options": {**recipe.options, STEPS: most}})
    told = f"By itself the model would take {steps:,} steps; at most {most:,} are taken here."
    return plan_on(fewer, corpus), told


def _parameters(planned: Plan) -> int | None:
    """How many numbers are learnt; None where the data decide."""
    shapes = planned.model_class(planned.options, planned.vocabulary).learned().values()
    known = [shape for shape in shapes if shape is not None]
    return sum(map(math.prod, known)) if len(known) == len(shapes) else None


def _begun(planned: Plan, parameters: int | None, beside: References, cut: str | None) -> Begun:
    corpus = planned.corpus
    return Begun(
        len(corpus.documents),
        int(corpus.rows_of("train").sum()),
        int(corpus.rows_of("validation").sum()),
        planned.vocabulary.symbols,
        parameters,
        getattr(planned.options, STEPS, 0),
        beside.uniform,
        beside.frequency,
        beside.baseline,
        _note(planned, cut),
    )


def _note(planned: Plan, cut: str | None) -> str | None:
    corpus = planned.corpus
    count = len(corpus.documents)
    told = [] if cut is None else [cut]
    if not corpus.rows_of("validation").any():
        told.append(NOTHING_HELD_OUT)
    elif count < FEW_DOCUMENTS:
        told.append(f"{count} documents are few: the model may soon learn them by heart.")
    if repeats := corpus.repeats():
        told.append(f"{repeats:,} documents repeat another and are kept.")
    return " ".join(told) or None


def _ended(planned: Plan, trained: Trained, beside: References) -> Ended:
    content = trained.checkpoint.content()
    if not trained.interrupted:
        judged = verdict(planned, trained, beside)
        judged = [each for each in judged if each != NOTHING_HELD_OUT]  # It was told before.
        told = [*([trained.doubt] if trained.doubt else []), *judged]
        return Ended("done", content, " ".join(told) or DONE)
    step = trained.checkpoint.metadata.metrics[STOPPED_AT]
    best = best_evaluation(trained.history)
    kept = (
        f"the weights of step {best[1]:,}, which have the lowest validation loss, are kept"
        if best
        else "the weights of this step are kept"
    )
    return Ended("stopped", content, f"The training was stopped at step {step:.0f}: {kept}.")


def _stopped_before_an_evaluation(planned: Plan, watched: _Watched) -> Ended:
    """The weights of the step at which it was stopped, measured as a training measures them."""
    if watched.present is None:
        return Ended("stopped", None, NOTHING_TO_KEEP)
    model = planned.model_class.from_arrays(
        planned.options, planned.vocabulary, watched.present, {}
    )
    metrics = {
        f"{split}_loss": finite_or_none(mean_nll(model, planned.dataset(split)))
        for split in ("train", "validation")
        if planned.corpus.rows_of(split).any()
    }
    metrics |= {"steps": float(watched.step), STOPPED_AT: float(watched.step)}
    made = planned_checkpoint(planned, model).read_back()
    metadata = made.metadata.model_copy(update={"metrics": metrics})
    content = Checkpoint(made.model, made.tokenizer, metadata).content()
    said = (
        f"The training was stopped at step {watched.step}, before a validation loss was measured "
        "after a step: the weights of this step are kept."
    )
    return Ended("stopped", content, said)


class _Watched:
    """A training as it is told to the server, and what the server asks meanwhile."""

    plan: Plan

    def __init__(self, channel: Connection) -> None:
        self._channel = channel
        self._sending = threading.Lock()
        self._shown = False
        self._stops = False
        self._asked_for_weights = False
        self._told_at = -math.inf
        self._learnt: Callable[[], Arrays] | None = None
        self.step = 0
        self.present: Arrays | None = None

    def tell(self, message: Message | Progress) -> None:
        """Send a message to the server."""
        with self._sending:
            self._channel.send(message)

    def listen(self) -> None:
        """Take what the server asks; where there is no server any more, end."""
        try:
            while True:
                asked: Asked = self._channel.recv()
                self._stops = self._stops or asked == "stop"
                self._asked_for_weights = self._asked_for_weights or asked == "show"
        except (EOFError, OSError):
            os._exit(1)

    def report(self, progress: Progress) -> None:
        """Tell how far the fit has come.

        Raises:
            KeyboardInterrupt: the server has asked to stop, as Ctrl-C asks it.
        """
        self.step = progress.step
        if progress.interrupted:
            self.tell(progress)
            return
        now = time.monotonic()
        if progress.has_losses or now - self._told_at > SECONDS_BETWEEN_STEPS_TOLD:
            self._told_at = now
            self.tell(progress)
        self._stop_if_asked()

    def watch(self, learnt: Callable[[], Arrays]) -> None:
        """Show the weights where they are asked for; raises as `report`."""
        self._learnt = learnt
        if not self._shown:
            self._shown = True
            begun = self.plan.model_class.from_arrays(
                self.plan.options, self.plan.vocabulary, learnt(), {}
            )
            self.tell(FirstWeights(planned_checkpoint(self.plan, begun).content()))
        elif self._asked_for_weights:
            self._asked_for_weights = False
            self.tell(Weights(learnt()))
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._stops:
            self.present = self._learnt() if self._learnt else None
            raise KeyboardInterrupt


def _give_way(planned: Plan) -> None:
    """Leave the cores to the server from now on; importing torch, for which people wait, is over.

    The threads of torch begin with the priority of the one that makes them.
    """
    if planned.model_class.uses_device:
        with suppress(ImportError):  # The training says what is missing.
            import tokgen.plugin_api.torch.loop  # noqa: F401
    if hasattr(os, "nice"):
        os.nice(LOWER_PRIORITY)


def _sentence(error: BaseException, order: Order) -> str:
    if any(sign in f"{type(error).__name__}: {error}" for sign in OUT_OF_MEMORY):
        return f"The training takes more memory than the {order.memory >> 30} GiB that it may."
    return sentence_about(error)


def _limit_memory(most: int) -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
