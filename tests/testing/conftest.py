"""The plugins made wrong are found here, and in processes that are started, as installed ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from installing import Node
from made_wrong import entry_points

from tokgen import registry

HERE = Path(__file__).parent


@pytest.fixture(scope="package")
def wrong_plugins(tmp_path_factory):
    """For all tests of this folder together: a model that has been fitted is kept that long."""
    site = tmp_path_factory.mktemp("site")
    Node(site).install("tokgen-wrong", {}, entry_points())
    paths = [str(site), str(HERE), str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "path", [str(site), *sys.path])
        patched.setenv("PYTHONPATH", os.pathsep.join(paths))
        registry.look_again()
        yield
    registry.look_again()
