"""Try inputs on one target for some seconds: `python attack.py TARGET SECONDS [SEED]`.

The last line of the output is a JSON object: how many inputs were tried, which of the readers'
branches they reached, and the first input that did harm, if any did. That one is kept in `found/`,
and every later run begins with what is kept there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import coverage
import hypothesis
from hypothesis import HealthCheck, Phase
from targets import TARGETS

from tokgen.errors import TokgenError

FOUND = Path(__file__).parent / "found"
CHECKOUT = Path(__file__).parents[2]
SECONDS_FOR_ONE = 20
# What may be taken on top of what the process has when it begins.
MEMORY = (1 << 30) + (300 << 20)
BATCH = 50


class TooLongError(BaseException):
    """One input takes longer than it may."""


class HarmError(Exception):
    """An input did what no input may do."""


def attempt(target, content, folder):
    """Have the content read; `HarmError` unless it is read or refused in a sentence."""
    # The processor's time, so that a busy machine harms nobody.
    signal.setitimer(signal.ITIMER_PROF, SECONDS_FOR_ONE)
    try:
        target.read(content, folder)
    except TokgenError as refused:
        if not str(refused).strip():
            raise HarmError("an error without a sentence") from refused
    except BaseException as error:
        raise HarmError("".join(traceback.format_exception(error))[-3000:]) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def attack(target, seconds, seed, folder):
    """Try inputs until the time is over; returns their number and the harm that one did."""
    bystander = folder / "bystander.txt"
    bystander.write_text("nothing may change this\n")
    before = _beside(folder)
    ends, tried = time.monotonic() + seconds, 0

    def once(content):
        nonlocal tried
        tried += 1
        last.append(content)
        attempt(target, content, folder)

    last: list[bytes] = []
    kept = {str(path): path.read_bytes() for path in sorted((FOUND / sys.argv[1]).glob("*"))}
    begun_with = {**kept, **{repr(known): known for known in target.known}}
    for name, content in begun_with.items():
        try:
            once(content)
        except HarmError as harm:
            return tried, {"input": name, "harm": str(harm)}
    while time.monotonic() < ends:
        last.clear()
        try:
            _batch(once, target.inputs, seed)()
        except HarmError as harm:
            return tried, _keep(last[-1], str(harm))
        if _beside(folder) != before:
            return tried, _keep(b"\n".join(last), "a file beside has changed")
        seed += 1
    return tried, None


def _batch(once, inputs, seed):
    settings = hypothesis.settings(
        max_examples=BATCH,
        derandomize=False,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
    )

    def tried(content):
        once(content)

    return hypothesis.seed(seed)(settings(hypothesis.given(inputs)(tried)))


def _beside(folder):
    """What stands in the files that no input names."""
    return hashlib.sha256((folder / "bystander.txt").read_bytes()).hexdigest()


def _keep(content, harm):
    name = hashlib.sha256(content).hexdigest()[:12]
    path = FOUND / sys.argv[1] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return {"input": str(path), "harm": harm}


def _too_long(*_):
    raise TooLongError(f"more than {SECONDS_FOR_ONE} s")


def _limit_memory():
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))


def main():
    name, seconds, seed = sys.argv[1], float(sys.argv[2]), int((sys.argv[3:] or ["0"])[0])
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        for variable in ("DATA", "CACHE", "STATE", "CONFIG"):
            os.environ[f"XDG_{variable}_HOME"] = str(home)
        folder = Path(place) / "here"
        folder.mkdir()
        os.chdir(folder)
        target = TARGETS[name]()
        signal.signal(signal.SIGPROF, _too_long)
        if Path("/proc/self/statm").exists():
            _limit_memory()
        include = [str(CHECKOUT / reader) for reader in target.readers]
        measured = coverage.Coverage(branch=True, include=include, data_file=None)
        measured.start()
        with contextlib.redirect_stdout(sys.stderr):
            tried, harm = attack(target, seconds, seed, folder)
        measured.stop()
        report = Path(place) / "branches.json"
        with contextlib.redirect_stdout(sys.stderr):
            measured.json_report(outfile=str(report))
        files = json.loads(report.read_text())["files"]
    print(json.dumps({"tried": tried, "harm": harm, "branches": _branches(files)}))


def _branches(files):
    """Of each reader how many branches were reached, how many there are, which lines lack one."""
    return {
        Path(name).relative_to(CHECKOUT).as_posix(): {
            "reached": of["summary"]["covered_branches"],
            "all": of["summary"]["num_branches"],
            "missing": of["missing_branches"],
        }
        for name, of in files.items()
    }


if __name__ == "__main__":
    main()
