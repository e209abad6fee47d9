"""Nothing that a test trains or types may touch the home of whoever runs it, or depend on it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest
from installing import Node
from small_plugins import ENTRY_POINTS

from tokgen.registry import discovery

# How long an example takes says more of what else the machine does than of the code.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

# On a machine with other work, two threads of a training wait for each other longer than they work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

HOMES = ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")


def pytest_addoption(parser):
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="Write what commands print now where the README and the docs show something else.",
    )


@pytest.fixture
def update_goldens(request):
    """Whether pages are written anew instead of being compared."""
    return request.config.getoption("--update-goldens")


@pytest.fixture(scope="session", autouse=True)
def _no_home(tmp_path_factory):
    """Before the fixtures of modules, which live longer than a test's own home."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        for name in HOMES:
            patched.setenv(name, str(home / name.lower()))
        yield


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    for name in HOMES:
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(autouse=True)
def _own_plugins(monkeypatch):
    """What a test adds from a file is there for this test alone."""
    monkeypatch.setattr(discovery, "_added", dict(discovery._added))


@pytest.fixture
def place(tmp_path):
    """A folder on the path in which distributions can be installed."""
    folder = tmp_path / "site"
    folder.mkdir()
    return Node(folder)


@pytest.fixture
def small_plugins(place):
    """The plugins of `small_plugins`, found here and in processes that are started."""
    place.install("tokgen-small", {}, ENTRY_POINTS)
    with place.found(Path(__file__).parent):
        yield


@pytest.fixture
def shared_folder():
    """A folder that every user may write; who runs the tests as root is nobody meanwhile."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    yield folder
    if is_root:
        os.seteuid(0)
    for path in (folder, *(each for each in folder.iterdir() if not each.is_symlink())):
        path.chmod(0o700)
    shutil.rmtree(folder)
