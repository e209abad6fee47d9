"""`import tokgen`: cheap, complete, and nothing but what is documented."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tokgen


def test_every_public_name_is_there_and_documented():
    assert set(tokgen.__all__) == {*tokgen._DEFINED_IN, "__version__"}
    for name in tokgen._DEFINED_IN:
        assert getattr(tokgen, name).__doc__, name


def test_other_names_are_not_there():
    assert dir(tokgen) == sorted(tokgen.__all__)
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = tokgen.lode


def test_importing_it_imports_nothing_large():
    script = (
        "import sys, tokgen; print([m for m in ('torch', 'numpy', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
