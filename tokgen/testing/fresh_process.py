"""A fresh process of Python that finds the same modules, and what it printed once it has ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

# Whoever waits for a process can be interrupted between two waits.
SECONDS_A_WAIT = 0.1


def started(
    program: str, arguments: list[str], environment: Mapping[str, str] = os.environ
) -> subprocess.Popen[str]:
    """A process that runs the program, with this environment and the folders of `sys.path`."""
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**environment, "PYTHONPATH": path},
    )


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
