"""What a tokenizer encodes in fresh processes, which differ in the seed of Python's hashes.

`encodings_with_hash_seeds` starts the processes; `main` is what runs there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tokgen import registry
from tokgen.testing.clause import ClauseNotCheckedError
from tokgen.testing.fresh_process import printed_by, started, why_it_failed
from tokgen.testing.tokenizers.fitted import encoded
from tokgen.testing.tokenizers.tokenizer_under_test import TokenizerUnderTest

PROGRAM = "from tokgen.testing.tokenizers.hash_seeds import main; main()"

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
    arguments = [plugin.found.name, options, json.dumps(registry.added_files())]
    with ExitStack() as running:
        processes = [running.enter_context(_started(arguments, seed)) for seed in seeds]
        with plugin.calling("encode in a fresh process"):
            return [_answer(process) for process in processes]


@contextmanager
def _started(arguments: list[str], seed: int) -> Iterator[subprocess.Popen[str]]:
    """A process that is killed if nobody waits for its answer any longer."""
    process = started(PROGRAM, arguments, {**os.environ, "PYTHONHASHSEED": str(seed)})
    try:
        yield process
    finally:
        process.kill()


def _answer(process: subprocess.Popen[str]) -> Encodings:
    printed, told = printed_by(process)
    if process.returncode:
        raise ClauseNotCheckedError(f"a fresh process failed: {why_it_failed(process, told)}")
    return [(shown, ids) for shown, ids in json.loads(printed)]


def main() -> None:
    """Print as JSON what the tokenizer that the command line names makes of the texts."""
    name, options, added = sys.argv[1:]
    plugins: Any = registry
    for path in json.loads(added):
        plugins.add_file(path)
    print(json.dumps(encodings_of(TokenizerUnderTest(name, json.loads(options)))))
