"""Running `tokgen` as a user does: a process, its output, its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()]


def tokgen(*arguments, stdin=""):
    done = subprocess.run(
        [sys.executable, "-m", "tokgen", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
    )
    return Done(done.returncode, done.stdout, done.stderr)
