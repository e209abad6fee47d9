"""What the import of a plugin does to the process, found in a fresh one.

`report_of` starts the process; `main` is what runs there.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import locale
import logging
import os
import random
import signal
import sys
import tempfile
import warnings
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from tokgen import registry
from tokgen.guards.blame import blamed
from tokgen.testing.fresh_process import printed_by, started, why_it_failed

# As it was before a plugin was imported here.
ENVIRONMENT = dict(os.environ)
PROGRAM = "from tokgen.testing.every_kind.import_probe import main; main()"


@dataclass(frozen=True)
class ImportReport:
    """What importing a plugin did.

    Attributes:
        failure: how the import failed; None where it did not.
        printed: what it wrote to standard output and standard error.
        changed: what of the process was another thing afterwards, in words.
        imported_torch: whether torch was there afterwards.
    """

    failure: str | None
    printed: str
    changed: tuple[str, ...]
    imported_torch: bool


@cache
def report_of(plugin: registry.FoundPlugin, *, with_torch: bool) -> ImportReport:
    """Import a plugin in a fresh process, `with_torch` after torch."""
    imported = plugin.file or plugin.reference
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        first = ["torch"] if with_torch else []
        with blamed(plugin, "its import in a fresh process"):
            # Where that was given up before, `blamed` refuses, and no process is left behind.
            process = started(PROGRAM, [imported, str(report)], ENVIRONMENT, first)
            printed = "".join(printed_by(process))
        if not report.exists():
            failure = f"the process ended: {why_it_failed(process, printed)}"
            return ImportReport(failure, "", (), False)
        told = json.loads(report.read_text(encoding="utf-8"))
    return ImportReport(told["failure"], printed, tuple(told["changed"]), told["imported_torch"])


def main() -> None:
    """Import what the command line names, and write what that did into a file."""
    reference, report = sys.argv[1:]
    libraries = {each["filepath"] for each in threadpool_info()}
    before = _state_of_the_process(libraries)
    failure = None
    try:
        _import(reference)
    except BaseException as error:  # a plugin may even raise SystemExit
        failure = f"{type(error).__name__}: {error}".splitlines()[0]
    after = _state_of_the_process(libraries)
    changed = tuple(name for name, state in before.items() if after[name] != state)
    told = ImportReport(failure, "", changed, "torch" in sys.modules)
    Path(report).write_text(json.dumps(asdict(told)), encoding="utf-8")


def _import(reference: str) -> None:
    """Import what `module:attribute` names, or a file."""
    if reference.endswith(".py"):
        registry.import_file(reference)
        return
    module, _, attribute = reference.partition(":")
    getattr(importlib.import_module(module.strip()), attribute.strip())


def _state_of_the_process(libraries: set[str]) -> dict[str, str]:
    """What an import might change for everybody else, by what it is called.

    Of libraries with threads it is about those that were there before.
    """
    torch: Any = sys.modules.get("torch")
    state: dict[str, Any] = {
        "the state of random": random.getstate(),
        "the state of numpy.random": [str(each) for each in np.random.get_state(legacy=True)],  # noqa: NPY002
        "numpy's handling of floating-point errors (np.seterr)": np.geterr(),
        "numpy's print options": np.get_printoptions(),
        "the filters of warnings": [each for each in warnings.filters if _is_general(each)],
        "environment variables": sorted(os.environ.items()),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the working directory": os.getcwd(),
        "the handling of Ctrl-C": signal.getsignal(signal.SIGINT),
        "the root logger": (logging.root.level, logging.root.handlers),
        "the number of threads of BLAS": sorted(
            (each["filepath"], each["num_threads"])
            for each in threadpool_info()
            if each["filepath"] in libraries
        ),
    }
    if torch is not None:
        state |= {
            "torch's random state": torch.random.get_rng_state().tolist(),
            "torch's default dtype": torch.get_default_dtype(),
            "torch's number of threads": torch.get_num_threads(),
            "torch's gradient mode": torch.is_grad_enabled(),
        }
    return {name: _digest(value) for name, value in state.items()}


def _is_general(warning_filter: Any) -> bool:
    """Whether it is about everybody's warnings; a library may filter its own."""
    _, message, category, module, _ = warning_filter
    return message is None and module is None and category.__module__ == "builtins"


def _digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
