"""A call of a plugin that never returns costs its clause, and nothing else waits for it."""

from __future__ import annotations

import math
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from endless_plugins import ENDLESS, LOOPS, SAMPLER
from running import tokgen

from tokgen.guards.calls import CallGivenUp, Calls
from tokgen.testing.catalogue import CLAUSES
from tokgen.testing.fresh_process import printed_by, started
from tokgen.testing.standing import Standing
from tokgen.testing.waiting import DidNotReturnError, returned

pytestmark = pytest.mark.slow


def written(name, folder):
    """The file of the plugin of this name, and the call of it that does not return."""
    source, call = ENDLESS[name]
    path = folder / "endless.py"
    path.write_text(source)
    return path, call


@pytest.mark.parametrize("name", ENDLESS)
def test_the_check_ends_and_names_the_clause_the_call_and_the_seconds(name, tmp_path):
    path, call = written(name, tmp_path)
    done = tokgen("plugins", "check", path, "--call-seconds", "1", "--json")
    assert done.code == 3, done.err
    kind = done.rows[0]["kind"]
    assert [row["clause"] for row in done.rows] == [each.id for each in CLAUSES[kind]]
    told = f"had not returned from {call} after 1 s"
    (failed,) = [row for row in done.rows if row["verdict"] == "failed" and told in row["said"]]
    assert failed["said"] == f"The {kind[:-1]} 'endless' of the file endless.py {told}."
    given = {"encode": "encode(text='", "apply": "apply(logprobs=<array of shape", "fit": ""}
    assert failed["shown"].startswith(given[call])
    assert "--call-seconds" in failed["mend"]
    assert failed["place"].startswith(f"{path}:")
    reasons = {row["said"] for row in done.rows if row["verdict"] == "skipped"}
    assert f"it {told} (in {failed['clause']})" in reasons
    kept = {row["clause"] for row in done.rows if row["verdict"] == "passed"}
    assert kept >= {"own-docstring", "valid-defaults"}


CONFORMANCE = """
from tokgen import registry
from tokgen.testing import conformance

(found,) = registry.add_file({path!r})
test_conformance = conformance(found.kind, "endless", call_seconds=1)
"""


@pytest.mark.parametrize("name", ["a sampler that catches everything", "a model that sleeps"])
def test_the_test_run_of_an_author_ends_with_the_same_sentence(name, tmp_path):
    path, call = written(name, tmp_path)
    (tmp_path / "test_plugin.py").write_text(CONFORMANCE.format(path=str(path)))
    here = ["-p", "no:cacheprovider", "-k", "not import and not fresh", "test_plugin.py"]
    run = [sys.executable, "-m", "pytest", "-q", *here]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    # Where the environment says CI, pytest tells each failure in its summary too.
    said = set(re.findall(f"The .* had not returned from {call} after 1 s", done.stdout))
    assert len(said) == 1
    assert "passed" in done.stdout.splitlines()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent to one process")
def test_ctrl_c_ends_the_check_while_a_call_does_not_return(tmp_path):
    path, told = tmp_path / "endless.py", tmp_path / "called"
    begun = f"open({str(told)!r}, 'w').close(); "
    path.write_text(SAMPLER.format(endless=begun + "time.sleep(10**6)"))
    run = [sys.executable, "-m", "tokgen", "plugins", "check", str(path)]
    with subprocess.Popen(
        run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not told.exists():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "interrupted"


@pytest.mark.parametrize("what", [LOOPS, "time.sleep(10**6)"])
def test_a_module_whose_import_ends_in_this_process_alone(what, tmp_path):
    path = tmp_path / "endless.py"
    elsewhere = f"import sys, time\nif 'import_probe' in sys.orig_argv[2]:\n    {what}\n"
    path.write_text(elsewhere + SAMPLER.format(endless="return logprobs"))
    done = tokgen("plugins", "check", path, "--call-seconds", "3", "--json")
    assert done.code == 3, done.err
    (failed,) = [row for row in done.rows if row["verdict"] == "failed"]
    assert failed["clause"] == "fresh-load"
    assert "had not returned from its import in a fresh process after 3 s" in failed["said"]


def test_a_file_whose_import_does_not_end_is_named_with_the_line(tmp_path):
    path = tmp_path / "endless.py"
    path.write_text("import time\nwhile True:\n    time.sleep(0.01)\n")
    done = tokgen("plugins", "check", path, "--call-seconds", "1")
    assert done.code == 3
    assert re.search(
        f"The file {re.escape(str(path))} had not been imported after 1 s: it still runs at "
        f"{re.escape(str(path))}:[23].",
        done.err,
    )


def test_a_call_is_told_with_the_arguments_that_are_short():
    def encode(text, ids, rows, context, *, strict=True):
        return Standing.of(sys._getframe())

    standing = encode("a" * 100, [1, 2], np.zeros((2, 3)), object())
    text = "'" + "a" * 27 + "..." + "a" * 28 + "'"
    told = f"encode(text={text}, ids=[1, 2], rows=<array of shape (2, 3)>, strict=True)"
    assert standing.call == told


def test_a_call_without_arguments_is_not_told():
    def fit():
        return Standing.of(sys._getframe())

    assert fit().call == ""
    assert str(fit().file) == __file__


def test_what_returns_or_raises_does_so_as_if_nobody_waited():
    assert returned(lambda: 3, Calls({}), math.inf) == 3
    with pytest.raises(ZeroDivisionError):
        returned(lambda: 1 // 0, Calls({}), math.inf)


def test_what_is_given_up_leaves_what_it_has_entered():
    left = threading.Event()

    def work():
        try:
            while True:
                pass
        finally:
            left.set()

    with pytest.raises(DidNotReturnError) as raised:
        returned(work, Calls({}), 0.2)
    assert left.is_set()
    assert raised.value.call is None
    assert __file__ in {str(each.file) for each in raised.value.stack}


def test_the_innermost_call_that_takes_the_time_is_named(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("tokgen.guards.calls.time.monotonic", lambda: now[0])
    calls = Calls({})
    assert (calls.waited(), calls.longest()) == (0.0, None)
    end_of_fitted = calls.begin("the model", "fitted")
    now[0] = 1.0
    calls.begin("the model", "fit")
    now[0] = 9.0
    end_of_rows = calls.begin("the model", "next_logprobs")
    now[0] = 10.0
    assert calls.waited() == 10.0
    assert calls.longest().name == "fit"
    end_of_rows()
    end_of_fitted()
    assert calls.longest().name == "fit"


def test_what_the_core_does_inside_a_call_is_not_its_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("tokgen.guards.calls.time.monotonic", lambda: now[0])
    calls = Calls({})
    end = calls.begin("the model", "what reads it")
    now[0] = 2.0
    with calls.paused():
        now[0] = 100.0
        assert calls.waited() == 0.0
    assert calls.waited() == 2.0
    now[0] = 101.0
    assert (calls.waited(), calls.longest().name) == (3.0, "what reads it")
    end()
    assert calls.waited() == 0.0


def test_a_fresh_process_is_there_when_it_has_imported_what_comes_first():
    asked = "import sys; print('tokgen' in sys.modules, 'fractions' in sys.modules, sys.argv[1:])"
    process = started(asked, ["a"], imported=["fractions"])
    assert printed_by(process) == ("False True ['a']\n", "")
    assert process.returncode == 0


def test_a_fresh_process_that_ends_at_once_is_not_waited_for():
    process = started("", [], imported=["no_such_module"])
    assert "No module named 'no_such_module'" in printed_by(process)[1]
    assert process.returncode == 1


def test_a_call_that_is_refused_is_not_made():
    calls = Calls({("the model", "fit"): "it did not return"})
    with pytest.raises(CallGivenUp, match="it did not return"):
        calls.begin("the model", "fit")
    calls.begin("the model", "next_logprobs")
