"""What a tokenizer encodes in fresh processes, which differ in the seed of Python's hashes.

`encodings_with_hash_seeds` starts the processes; `main` is what runs there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from tokgen import registry
from tokgen.testing.clause import ClauseNotCheckedError
from tokgen.testing.tokenizers.fitted import encoded
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest

PROGRAM = "from tokgen.testing.tokenizers.fresh_process import main; main()"

# What is encoded, in words, and its ids; None where it is refused.
Encodings = list[tuple[str, list[int] | None]]


def encodings_of(plugin: TokenizerUnderTest) -> Encodings:
    """What the tokenizer, fitted on each list, makes of the texts of that list."""
    return [
        (fitted.shown(f"text {text!r}"), encoded(fitted.tokenizer, text))
        for fitted in plugin.fitted
        for text in fitted.texts
    ]


def encodings_with_hash_seeds(plugin: TokenizerUnderTest, seeds: Iterable[int]) -> list[Encodings]:
    """The same from fresh processes with these values of PYTHONHASHSEED.

    Raises:
        ClauseNotCheckedError: such a process failed.
    """
    options = json.dumps(plugin.options.model_dump(mode="json"))
    added = json.dumps(registry.added_files())
    started = [_start([plugin.found.name, options, added], seed) for seed in seeds]
    return [_answer(process) for process in started]


def _start(arguments: list[str], seed: int) -> subprocess.Popen[str]:
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": str(seed)},
    )


def _answer(process: subprocess.Popen[str]) -> Encodings:
    printed, told = process.communicate()
    if process.returncode:
        last = (told.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        raise ClauseNotCheckedError(f"a fresh process failed: {last}")
    return [(shown, ids) for shown, ids in json.loads(printed)]


def main() -> None:
    """Print as JSON what the tokenizer that the command line names makes of the texts."""
    name, options, added = sys.argv[1:]
    plugins: Any = registry
    for path in json.loads(added):
        plugins.add_file(path)
    print(json.dumps(encodings_of(TokenizerUnderTest(name, json.loads(options)))))
