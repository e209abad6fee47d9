"""How the import of a plugin failed is told with the line of what was imported."""

from __future__ import annotations

import importlib

import pytest

from tokgen.registry.import_failure import told


def failure_of(work):
    with pytest.raises(BaseException) as raised:
        work()
    return raised.value


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("\n\nnn.Module", "NameError: name 'nn' is not defined (failing.py, line 3)"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere' (failing.py, line 1)"),
        ("import json\njson.loads('')", " (decoder.py, line "),
        ("from tokgen.plugin_api import Samplr", ". Did you mean 'Sampler'? (failing.py, line 1)"),
        (
            "from tokgen.plugin_api import Corpus",
            "ImportError: A corpus is data and has no class: `tokgen plugins new corpus NAME` "
            "begins one.",
        ),
        (
            "from tokgen.plugin_api import Command",
            "ImportError: A command is a Typer app: `tokgen plugins new command NAME` begins one.",
        ),
        ("raise SystemExit('no\\nluck')", "SystemExit: no (failing.py, line 1)"),
    ],
)
def test_the_innermost_line_is_told(source, said, tmp_path, monkeypatch):
    (tmp_path / "failing.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    assert said in told(failure_of(lambda: importlib.import_module("failing")))


def test_a_line_that_is_no_python_is_told_once(tmp_path, monkeypatch):
    (tmp_path / "failing.py").write_text("1 +")
    monkeypatch.syspath_prepend(tmp_path)
    said = told(failure_of(lambda: importlib.import_module("failing")))
    assert said == "SyntaxError: invalid syntax (failing.py, line 1)"


def test_where_nothing_was_executed_there_is_no_line():
    said = told(failure_of(lambda: importlib.import_module("nowhere_at_all")))
    assert said == "ModuleNotFoundError: No module named 'nowhere_at_all'"
