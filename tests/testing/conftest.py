"""The plugins made wrong are found here, and in processes that are started, as installed ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from installing import Node
from made_wrong import entry_points

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def wrong_plugins(tmp_path_factory):
    """For the tests of a file together: a model that has been fitted is kept that long."""
    site = Node(tmp_path_factory.mktemp("site"))
    site.install("tokgen-wrong", {}, entry_points())
    with site.found(HERE, HERE.parent):
        yield
