"""Work that is killed: each kind of it writes or removes files again and again.

    python -m killed_work KIND

The process reads lines; at each it forks a child that works until it is killed, tells the child's
number, and with which code it ended. So a child begins at once, with everything imported.
"""

from __future__ import annotations

import itertools
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tokgen.cli import application, main
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept_models import kept_models
from tokgen.training.model_request import ModelRequest
from tokgen.training.resume import resume_path

CORPUS, OUTPUT, MODEL = "words.txt", "m.safetensors", "model.safetensors"
SAID = "said.txt"
TRAIN = ["train", "--corpus", CORPUS, "--model", "stepwise", "--output", OUTPUT]
IN_MANY_STEPS = [*TRAIN, "--seed", "1", "-o", "steps=25"]
SEEDS = (1, 2)


def run(*arguments):
    application(arguments[:1])(list(arguments), standalone_mode=False)


def trains(seed):
    run(*TRAIN, "--seed", str(seed))


def resumes(seed):
    going_on = ["--resume"] if resume_path(Path(OUTPUT)).exists() else []
    run(*TRAIN, "--seed", "1", *going_on)


def generates(seed):
    for form in ("text", "jsonl"):
        asked = ["--checkpoint", MODEL, "-n", "50", "--seed", str(seed)]
        run("generate", *asked, "--format", form, "--output", f"names.{form}")


def saves(seed):
    state = State(TextModel(Checkpoint.load(Path(MODEL))), Settings(seed), ModelRequest(), None)
    session = Session(state)
    list(session.handle("bana"))
    list(session.handle(":save session.json"))


def removes(seed):
    for kept in kept_models():
        run("models", "remove", kept.name)


def is_stopped(seed):
    sys.argv = ["tokgen", *IN_MANY_STEPS]
    main()


KINDS = {each.__name__: each for each in (trains, resumes, generates, saves, removes, is_stopped)}


def work_until_killed(kind):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    for seed in itertools.cycle(SEEDS):
        KINDS[kind](seed)


def work(kind):
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        run(*TRAIN[:-1], "warm.safetensors")  # What is imported late is imported now.
    for _ in sys.stdin:
        number = os.fork()
        if number == 0:
            work_until_killed(kind)
        print(number, flush=True)
        _, status = os.waitpid(number, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    work(sys.argv[1])
