"""Opening the model that a command works with, and telling on standard error which one it is."""

from __future__ import annotations

from tokgen.choosing import Request, choose
from tokgen.cli.progress import TrainingProgress
from tokgen.cli.terminal import say
from tokgen.text_model import TextModel


def open_model(request: Request) -> TextModel:
    """The model that the request means; a training that it needs shows its progress."""
    with TrainingProgress("there is no checkpoint for this yet: one is trained now") as progress:
        choice = choose(request, progress.report)
    name = choice.checkpoint.metadata.model.name
    say(f"{choice.checkpoint.metadata.corpus.name} · {name} · {choice.said}")
    return TextModel(choice.checkpoint)
