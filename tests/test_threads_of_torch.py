"""How long the threads of torch spin: as OpenMP itself tells it when torch loads it."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys

import pytest

VARIABLE = "GOMP_SPINCOUNT"
WAYS = {
    "library": ["-c", "import tokgen, torch"],
    "command line": ["-m", "tokgen", "train", "--steps", "0", "--model", "mlp"],
}

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or importlib.util.find_spec("torch") is None,
    reason="the threads of torch are those of GNU's OpenMP on Linux alone",
)


def told_by_openmp(program: list[str], environment: dict[str, str]) -> set[str]:
    """The spin counts that the loaded libraries of OpenMP tell."""
    inherited = {name: value for name, value in os.environ.items() if name != VARIABLE}
    ran = subprocess.run(
        [sys.executable, *program],
        env={**inherited, "OMP_DISPLAY_ENV": "verbose", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return set(re.findall(rf"{VARIABLE} = '(\d+)'", ran.stderr))


@pytest.mark.parametrize("way", WAYS)
def test_the_library_and_the_command_line_let_threads_wait_alike(way, tmp_path):
    data = {"XDG_DATA_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    output = ["--output", str(tmp_path / "a.safetensors")] if way == "command line" else []
    assert told_by_openmp([*WAYS[way], *output], data) == {"2000"}


def test_what_the_user_sets_stays():
    assert told_by_openmp(WAYS["library"], {VARIABLE: "7"}) == {"7"}
