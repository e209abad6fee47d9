"""Running `tokgen` as a user does: a process, its output, its exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass

import forking


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()]


def tokgen(*arguments, stdin=""):
    return Done(*forking.run([*map(str, arguments)], stdin))
