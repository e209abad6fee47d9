"""What comes from outside is read, or refused in a sentence: nothing else, whatever it holds.

Each target is attacked with the inputs that are known to reach seldom branches, with those that did
harm once and stand in `found/`, and for the rest of some seconds with the same by chance each time.
`nox -s long` takes ten minutes each, with others, and wants nine tenths of the readers' branches
reached.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ATTACK = Path(__file__).parent / "attack.py"
TESTS = Path(__file__).parents[1]
PLACES = [TESTS, TESTS / "cli"]
NAMES = [
    "checkpoint",
    "card",
    "recipe",
    "session-file",
    "corpus",
    "repl-line",
    "condition",
    "options",
    "sampler-chain",
    "text",
    "arguments",
    "request",
]
ENOUGH = 0.9
# All targets together: less than a minute of the suite.
SECONDS = 4


def attacked(name, seconds, seed):
    path = [*map(str, PLACES), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(ATTACK), name, str(seconds), str(seed)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", NAMES)
def test_some_seconds(name):
    found = attacked(name, SECONDS, seed=0)
    assert found["harm"] is None, found["harm"]["harm"]
    assert found["tried"] > 0


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_ten_minutes(name):
    found = attacked(name, 600, seed=random.SystemRandom().randrange(1 << 30))
    assert found["harm"] is None, found["harm"]["harm"]
    for reader, branches in found["branches"].items():
        assert branches["reached"] >= ENOUGH * branches["all"], (reader, branches["missing"])
