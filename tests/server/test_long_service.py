"""A server that goes on for long: its memory and files stay; a kept model outlives a killed one."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from running import tokgen
from serving import ask, load, resident

from tokgen.exact.memory import DEFAULT_MEMORY

REQUESTS, AT_A_TIME = 10_000, 1_000
MORE_BYTES = 300_000_000

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="it looks into /proc")


@contextmanager
def served(*typed):
    """A server in a process of its own: its port and the process."""
    command = [sys.executable, "-m", "tokgen", "serve", "--port", "0", *typed]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            while "serving" not in said:
                said = process.stderr.readline()
                assert said, "the server ended"
            yield int(re.search(r":(\d+) ", said)[1]), process
        finally:
            process.kill()


def open_files(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


@pytest.mark.long
def test_ten_thousand_requests_leave_nothing_behind(capsys):
    with served() as (port, process):
        asyncio.run(load(port, 16, 64, max_tokens=4))
        files, told = open_files(process), [resident(process)]
        for _ in range(0, REQUESTS, AT_A_TIME):
            # Each answer is 200, as `load` sees to.
            asyncio.run(load(port, 16, AT_A_TIME, max_tokens=4))
            told.append(resident(process))
        with capsys.disabled():
            print("\nMB at the start and after each thousand:", [each // 10**6 for each in told])
        assert max(told) <= DEFAULT_MEMORY + MORE_BYTES
        # What the last half adds is noise of the allocator.
        assert told[-1] - told[len(told) // 2] < 10_000_000
        asyncio.run(asyncio.sleep(0.5))
        assert open_files(process) <= files


def test_a_server_that_is_killed_loses_no_kept_model(tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("lakshmi\nsita\nrama\nmahesh\n" * 5)
    typed = ["--corpus", str(words), "--model", "ngram"]
    assert tokgen("train", *typed).code == 0
    before = tokgen("models", "list", "--json").out
    assert "ngram" in before
    for _ in range(2):
        with served(*typed) as (port, process):
            asyncio.run(ask(port, 1))
            process.kill()
            process.wait()
        assert tokgen("models", "list", "--json").out == before
    assert tokgen("generate", *typed, "-n", "1", "--seed", "1").code == 0
