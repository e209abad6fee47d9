"""The clauses of every kind: each is violated by a sampler made wrong in just that way."""

from __future__ import annotations

import os
import sys

import pytest
from installing import Node

from tokgen import registry
from tokgen.testing import every_kind
from tokgen.testing.catalogue import plugin_under_test
from tokgen.testing.outcome import checked

pytestmark = pytest.mark.slow

RIGHT = '''
from tokgen.plugin_api import Field, PluginOptions, Sampler


class Mine(Sampler):
    """Leave everything as it is."""


    class Options(PluginOptions):
        """Options of `mine`."""

        strength: int = Field(default=2, ge=1, le=9, description="how much")

    def apply(self, logprobs, context):
        return logprobs
'''


def instead(old, new):
    assert old in RIGHT
    return RIGHT.replace(old, new)


# What is wrong -> (source, the clause that it violates, what is said of it).
WRONG = {
    "prints": (RIGHT + "print('ready')", "quiet-import", "printed 'ready\\n'"),
    "warns": (
        RIGHT + "import warnings; warnings.warn('old', stacklevel=2)",
        "quiet-import",
        "UserWarni",
    ),
    "imports torch": (RIGHT + "import torch", "light-import", "imported torch"),
    "seeds random": (RIGHT + "import random; random.seed(0)", "import-changes-nothing", "random"),
    "seeds numpy": (
        RIGHT + "import numpy as np; np.random.seed(0)",
        "import-changes-nothing",
        "numpy.random",
    ),
    "silences numpy": (
        RIGHT + "import numpy as np; np.seterr(all='ignore')",
        "import-changes-nothing",
        "np.seterr",
    ),
    "silences warnings": (
        RIGHT + "import warnings; warnings.simplefilter('ignore')",
        "import-changes-nothing",
        "filters of warnings",
    ),
    "sets a variable": (
        RIGHT + "import os; os.environ['OMP_NUM_THREADS'] = '7'",
        "import-changes-nothing",
        "environment variables",
    ),
    "limits BLAS": (
        RIGHT + "import threadpoolctl; limits = threadpoolctl.threadpool_limits(2)",
        "import-changes-nothing",
        "threads of BLAS",
    ),
    "leans on another import": (
        "import sys; sys.modules['imported_by_somebody_else']\n" + RIGHT,
        "fresh-load",
        "KeyError: 'imported_by_somebody_else'",
    ),
    "says nothing": (
        instead('"""Leave everything as it is."""', ""),
        "own-docstring",
        "Mine has no docstring",
    ),
    "describes nothing": (
        instead(', description="how much"', ""),
        "described-options",
        "'strength' has no description",
    ),
    "has a default that is too large": (instead("default=2", "default=12"), "valid-defaults", "12"),
    "takes what JSON has not": (
        instead(
            "strength: int = Field(default=2, ge=1, le=9,", "strength: type = Field(default=int,"
        ),
        "options-as-json",
        "type",
    ),
    "takes any option": (
        instead('"""Options of `mine`."""', 'model_config = {"extra": "allow", "frozen": True}'),
        "wrong-option-named",
        "unknown option",
    ),
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A distribution of samplers, one a module: `wrong_0` is the first of WRONG."""
    site = Node(tmp_path_factory.mktemp("site"))
    files = {f"wrong_{number}.py": source for number, (source, *_) in enumerate(WRONG.values())}
    names = {f"wrong_{number}": f"wrong_{number}:Mine" for number in range(len(WRONG))}
    site.install("tokgen-wrong-imports", files, {"samplers": names})
    with site.found(), pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "imported_by_somebody_else", sys)
        patched.setattr(os, "environ", os.environ.copy())
        yield


@pytest.fixture
def _unharmed():
    """The wrong modules are imported here too: what they change is put back."""
    import random
    import warnings

    import numpy as np
    import threadpoolctl

    state, numpy_state, errors = random.getstate(), np.random.get_state(), np.geterr()  # noqa: NPY002
    with warnings.catch_warnings(), threadpoolctl.threadpool_limits():
        warnings.simplefilter("ignore")
        yield
    random.setstate(state)
    np.random.set_state(numpy_state)  # noqa: NPY002
    np.seterr(**errors)


@pytest.mark.usefixtures("installed", "_unharmed")
@pytest.mark.parametrize("wrong", WRONG)
def test_each_fault_is_caught_by_its_clause_alone(wrong, capfd):
    _, clause, said = WRONG[wrong]
    plugin = plugin_under_test("samplers", f"wrong_{[*WRONG].index(wrong)}", {})
    found = {each.clause.id: each for each in checked(every_kind.CLAUSES, plugin)}
    failed = {each for each, outcome in found.items() if outcome.verdict == "failed"}
    # What reads options again does not accept a default that the options refuse, either.
    inevitable = {"options-as-json"} if clause == "valid-defaults" else set()
    assert failed == {clause} | inevitable
    assert said in found[clause].said + found[clause].shown
    assert "skipped" not in {outcome.verdict for outcome in found.values()}


def test_every_clause_is_tried_on_a_fault():
    assert {clause for _, clause, _ in WRONG.values()} == {each.id for each in every_kind.CLAUSES}


FIRST_PARTY = [
    (plugin.kind, plugin.name)
    for plugin in registry.find_plugins()
    if plugin.distribution == "tokgen" and plugin.kind != "corpora"
]


@pytest.mark.parametrize(("kind", "name"), FIRST_PARTY)
def test_first_party_plugins_keep_them(kind, name):
    found = checked(every_kind.CLAUSES, plugin_under_test(kind, name, {}))
    assert {each.clause.id: each.said for each in found if each.verdict != "passed"} == {}
