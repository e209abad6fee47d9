"""What comes from outside is read, or refused in a sentence: nothing else, whatever it holds.

Each target is attacked for ten seconds, with the same inputs each time; `nox -s long` takes ten
minutes each, with others, and wants nine tenths of the readers' branches reached. Inputs that did
harm once stand in `found/` and are read again by every run.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

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
]
ENOUGH = 0.9


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
def test_ten_seconds(name):
    found = attacked(name, 10, seed=0)
    assert found["harm"] is None, found["harm"]["harm"]
    assert found["tried"] > 0


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_ten_minutes(name):
    found = attacked(name, 600, seed=random.SystemRandom().randrange(1 << 30))
    assert found["harm"] is None, found["harm"]["harm"]
    for reader, branches in found["branches"].items():
        assert branches["reached"] >= ENOUGH * branches["all"], (reader, branches["missing"])
