"""API numbers: an older contract is read for a time, a newer one refused; both are told."""

from __future__ import annotations

import json

import pytest
import yaml

from tokgen import cli, registry
from tokgen.corpus.card import open_package
from tokgen.errors import DeprecatedPluginWarning, PluginError
from tokgen.registry.api_numbers import API_NUMBERS, Deprecation, deprecation, refusal

NUMBERS = {2: Deprecation("rename apply to reshape", ends="0.4"), 3: None}
TOLD = (
    "is written for tokgen_api = 2, which tokgen 0.4 will not read any more. "
    "For tokgen_api = 3, rename apply to reshape."
)


@pytest.mark.parametrize(
    ("number", "refused", "deprecated"),
    [
        (3, None, None),
        (2, None, TOLD),
        (4, "is written for tokgen_api = 4; this is 3. A newer tokgen is needed.", None),
        (
            1,
            "is written for tokgen_api = 1; this is 3. A newer version of the plugin is needed.",
            None,
        ),
        (None, "declares no tokgen_api; this is 3.", None),
        ("3", "has tokgen_api = '3', which is no number; this is 3.", None),
        ([], "has tokgen_api = [], which is no number; this is 3.", None),
    ],
)
def test_what_becomes_of_each_number(number, refused, deprecated):
    assert refusal(number, NUMBERS) == refused
    if refused is None:
        assert deprecation(number, NUMBERS) == deprecated


def test_the_contract_of_today_is_the_only_one():
    assert API_NUMBERS == {1: None}


SAMPLERS = """\
from tokgen_samplers.temperature import Greedy


class Old(Greedy):
    '''Be greedy as of old.'''

    tokgen_api = 2


class New(Greedy):
    '''Be greedy as never before.'''

    tokgen_api: int = 4


class Present(Greedy):
    '''Be greedy.'''

    tokgen_api = 3
"""
CARD = {"title": "Old words", "license": "CC0-1.0", "language": "none", "source": "A list."}
DATA = {"file": "words.txt", "sha256": "0" * 64, "rows": 1}


@pytest.fixture
def three_plugins(place, monkeypatch):
    """A deprecated, a newer and a present sampler, and a corpus whose card is deprecated."""
    names = ("Old", "New", "Present")
    card = yaml.safe_dump({**CARD, "tokgen_api": 2, "data": DATA})
    files = {"api_samplers.py": SAMPLERS, "api_words/__init__.py": "", "api_words/card.yaml": card}
    points = {name.lower(): f"api_samplers:{name}" for name in names}
    corpora = {"api-words": "api_words:card.yaml"}
    place.install("aged", files, {"samplers": points, "corpora": corpora})
    for number in (1, *NUMBERS):
        monkeypatch.setitem(API_NUMBERS, number, NUMBERS.get(number))
    registry.load_found.cache_clear()
    with place.found():
        yield


def run(capsys, *arguments):
    """What `tokgen` prints in this process, where the table of the test holds."""
    code = cli._run([*arguments], show_traceback=False)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.usefixtures("three_plugins")
def test_a_deprecated_plugin_is_loaded_and_says_what_to_change():
    with pytest.warns(DeprecatedPluginWarning) as warned:
        assert registry.load("samplers", "old").implementation.tokgen_api == 2
    (warning,) = warned
    assert str(warning.message) == f"The sampler 'old' of the distribution aged 0.1.0 {TOLD}"
    assert registry.load("samplers", "present").implementation.tokgen_api == 3
    with pytest.raises(PluginError, match=r"'new' of .* is written for tokgen_api = 4; this is 3"):
        registry.load("samplers", "new")
    with pytest.warns(DeprecatedPluginWarning, match="The corpus 'api-words' of .* = 2, which"):
        assert open_package("api-words").card.title == "Old words"


@pytest.mark.usefixtures("three_plugins")
def test_the_list_and_show_tell_it(capsys, monkeypatch):
    monkeypatch.setattr("warnings.showwarning", cli._show_warning)
    _, listed, said = run(capsys, "plugins", "list", "--json")
    rows = {row["name"]: row for row in map(json.loads, listed.splitlines())}
    told = [rows[name]["deprecation"] for name in ("old", "api-words", "present", "new")]
    assert told == [f"It {TOLD}", f"It {TOLD}", "", ""]
    assert (rows["new"]["status"], rows["old"]["status"], said) == ("broken", "available", "")
    assert rows["new"]["fault"] == "It is written for tokgen_api = 4; this is 3. " + (
        "A newer tokgen is needed."
    )
    _, table, _ = run(capsys, "plugins", "list")
    words = " ".join(table.split())
    assert "Be greedy as of old. It is written for" in words.replace("tokgen 0.1.0", "")


@pytest.mark.usefixtures("three_plugins")
@pytest.mark.filterwarnings("default")
def test_a_command_says_it_in_one_line(capsys, monkeypatch):
    monkeypatch.setattr("warnings.showwarning", cli._show_warning)
    code, shown, said = run(capsys, "plugins", "show", "old", "--json")
    assert (code, json.loads(shown)["deprecation"]) == (0, f"It {TOLD}")
    assert json.loads(shown)["tokgen_api"] == 2
    assert said == f"tokgen: The sampler 'old' of the distribution aged 0.1.0 {TOLD}\n"
    _, shown, _ = run(capsys, "plugins", "show", "old")
    assert f"It {TOLD}" in " ".join(shown.split())
