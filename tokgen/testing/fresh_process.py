"""A fresh process of Python that finds the same modules, and what it printed once it has ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import nullcontext

from tokgen.guards.calls import watched_calls

# Whoever waits for a process can be interrupted between two waits.
SECONDS_A_WAIT = 0.1


def started(
    program: str,
    arguments: list[str],
    environment: Mapping[str, str] = os.environ,
    imported: Iterable[str] = (),
) -> subprocess.Popen[str]:
    """A process that runs the program, with this environment and the folders of `sys.path`.

    It is there when it has imported what is to be imported first. On a machine that is busy that
    may take long, and is the fault of no plugin.
    """
    path = os.pathsep.join(filter(None, sys.path))
    first = "".join(f"import {each}; " for each in ("numpy", *imported))
    process = subprocess.Popen(
        [sys.executable, "-c", f"{first}print(flush=True); {program}", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**environment, "PYTHONPATH": path},
    )
    calls = watched_calls.get()
    try:
        with nullcontext() if calls is None else calls.paused():
            _read_a_line(process)
    except BaseException:
        process.kill()
        raise
    return process


def _read_a_line(process: subprocess.Popen[str]) -> None:
    """Byte after byte, since what a buffer takes in too early is lost to `communicate`."""
    assert process.stdout is not None
    while os.read(process.stdout.fileno(), 1) not in (b"\n", b""):
        pass


def printed_by(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Its standard output and standard error; it is killed where nobody waits any longer."""
    with process:
        try:
            while True:
                try:
                    return process.communicate(timeout=SECONDS_A_WAIT)
                except subprocess.TimeoutExpired:
                    continue
        except BaseException:
            process.kill()
            raise


def why_it_failed(process: subprocess.Popen[str], told: str) -> str:
    """The last line that it printed, or its exit code."""
    return (told.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
