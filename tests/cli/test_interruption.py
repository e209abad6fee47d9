"""Ctrl-C ends a command wherever it arrives, in code that cannot pass an exception on too."""

import os
import signal
import subprocess
import sys
import time
from typing import Annotated

import pytest
from pydantic import AfterValidator, create_model

from tokgen.cli import interruption
from tokgen.cli.interruption import interruptible

LOST = """
import signal

from tokgen.plugin_api import Sampler

class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

Dying()

class Lost(Sampler):
    'Change nothing.'

    def apply(self, logprobs, context):
        return logprobs
"""


@pytest.fixture(autouse=True)
def handling():
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


class Checked:
    """A check that pydantic names in the schema that it builds: there it loses what is raised."""

    def __call__(self, value):
        return value

    def __repr__(self):
        signal.raise_signal(signal.SIGINT)
        return "checked"


class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)


def lost_in_a_wait(losing):
    losing()
    time.sleep(60)
    pytest.fail("Ctrl-C was lost")


def defined():
    create_model("Defined", number=(Annotated[int, AfterValidator(Checked())], ...))


@pytest.mark.parametrize("losing", [defined, Dying])
def test_ctrl_c_that_would_be_lost_arrives(losing, capsys):
    report = sys.unraisablehook
    with pytest.raises(KeyboardInterrupt), interruptible():
        lost_in_a_wait(losing)
    assert sys.unraisablehook is report
    assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert capsys.readouterr() == ("", "")


def test_a_check_that_never_ends_is_interrupted_in_pydantic_too(monkeypatch):
    def endless(value):
        signal.raise_signal(signal.SIGINT)
        time.sleep(60)

    monkeypatch.setattr(interruption, "_LEFT_ALONE_FOR_SECONDS", 0.02)
    model = create_model("Defined", number=(Annotated[int, AfterValidator(endless)], ...))
    with pytest.raises(KeyboardInterrupt), interruptible():
        model(number=3)


def test_ctrl_c_waits_for_the_end_of_an_import_that_cannot_be_made_twice(tmp_path, monkeypatch):
    (tmp_path / "loaded_once.py").write_text(
        "import signal\nsignal.raise_signal(signal.SIGINT)\nimport loaded_inside\n"
    )
    (tmp_path / "loaded_inside.py").write_text("import time\ntime.sleep(0.1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(interruption, "_LOADED_ONCE", frozenset({"loaded_once"}))

    def imported():
        import loaded_once

        assert loaded_once.loaded_inside.time is time

    with pytest.raises(KeyboardInterrupt), interruptible():
        lost_in_a_wait(imported)
    assert sys.modules.pop("loaded_once")
    assert sys.modules.pop("loaded_inside")


def test_whatever_else_is_lost_is_reported_as_ever(capsys):
    class Failing:
        def __del__(self):
            raise ValueError("lost")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "unraisablehook", sys.__unraisablehook__)
        with interruptible():
            Failing()
    assert "ValueError: lost" in capsys.readouterr().err


def test_a_process_started_without_ctrl_c_stays_without_it():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def run(*arguments, **environment):
    command = [sys.executable, "-m", "tokgen", *map(str, arguments)]
    environment = {**os.environ, **environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def test_a_command_ends_though_ctrl_c_was_lost(tmp_path):
    plugin, output = tmp_path / "lost.py", tmp_path / "words.txt"
    plugin.write_text(LOST)
    done = run("generate", "-n", 10**9, "--seed", 1, "--plugin", plugin, "--output", output)
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "interrupted"
    assert "Traceback" not in done.stderr
    assert not output.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no signal that ended a process")
def test_before_the_command_line_is_there_ctrl_c_ends_the_process_quietly(tmp_path):
    (tmp_path / "typer.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run("generate", PYTHONPATH=paths)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
