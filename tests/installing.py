"""A distribution laid on the path as an installer leaves it: packages and a `.dist-info` folder."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from running import Done

from tokgen import registry


@dataclass
class Node:
    """A folder on the path, and tokgen run with it."""

    folder: Path

    def install(self, name, files, entry_points):
        info = self.folder / f"{name.replace('-', '_')}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
        lines = []
        for group, points in entry_points.items():
            lines += [f"[tokgen.{group}]", *(f"{key} = {value}" for key, value in points.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        for path, content in files.items():
            (self.folder / path).parent.mkdir(exist_ok=True, parents=True)
            (self.folder / path).write_text(content)

    @contextmanager
    def found(self, *more):
        """What is installed here is found in this process and in those that it starts.

        So are the modules in `more` folders.
        """
        folders = [str(each) for each in (self.folder, *more)]
        inherited = filter(None, [os.environ.get("PYTHONPATH")])
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sys, "path", [*folders, *sys.path])
            patched.setenv("PYTHONPATH", os.pathsep.join([*folders, *inherited]))
            importlib.invalidate_caches()
            registry.look_again()
            yield
        registry.look_again()

    def tokgen(self, *arguments, stdin=""):
        done = subprocess.run(
            [sys.executable, "-m", "tokgen", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
        )
        return Done(done.returncode, done.stdout, done.stderr)
