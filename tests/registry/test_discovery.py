"""Which plugins are there: enabled, disabled, in conflict, and distributions that are damaged."""

from __future__ import annotations

import pytest

from tokgen import registry
from tokgen.registry.found import FoundPlugin
from tokgen.registry.source import source_of

MINE = (
    '"""Samplers."""\nfrom tokgen_samplers.temperature import Greedy\n'
    'class Mine(Greedy):\n    """Be greedy.\n\n    More of it."""\n'
)


@pytest.fixture
def installed(place):
    place.install("first-one", {"one.py": MINE}, {"samplers": {"mine": "one:Mine"}})
    return place


def listed(place):
    rows = place.tokgen("plugins", "list", "--json").rows
    return {row["distribution"]: row for row in rows if row["name"] == "mine"}


def test_where_it_is_and_what_it_says_is_read_without_importing(installed):
    row = listed(installed)["first-one"]
    assert row["summary"] == "Be greedy."
    assert row["place"] == str(installed.folder / "one.py")
    assert row["status"] == "available"


@pytest.mark.parametrize("named", ["mine", "samplers:mine", "other, first-one"])
def test_a_plugin_can_be_disabled(installed, monkeypatch, named):
    monkeypatch.setenv("TOKGEN_DISABLE_PLUGINS", named)
    assert listed(installed)["first-one"]["status"] == "disabled"
    done = installed.tokgen("next", "a", "--sampler", "mine")
    assert done.code == 2
    assert "is disabled by TOKGEN_DISABLE_PLUGINS" in done.err
    assert installed.tokgen("next", "a", "--top-k", "2").code == 0


@pytest.mark.parametrize(("named", "code"), [("", 2), ("second-one", 2), ("first-one", 0)])
def test_only_some_distributions_can_be_enabled(installed, monkeypatch, named, code):
    monkeypatch.setenv("TOKGEN_LOAD_PLUGINS", named)
    assert installed.tokgen("next", "a", "--sampler", "mine").code == code
    assert installed.tokgen("next", "a", "--top-k", "2").code == 0


def test_of_two_with_one_name_the_distribution_decides(installed):
    installed.install("second-one", {"two.py": MINE}, {"samplers": {"mine": "two:Mine"}})
    assert {row["status"] for row in listed(installed).values()} == {"conflict"}
    done = installed.tokgen("next", "a", "--sampler", "mine")
    assert done.code == 3
    assert "Write first-one:mine or second-one:mine." in done.err
    for written in ("first-one:mine", "second-one:mine"):
        assert installed.tokgen("next", "a", "--sampler", written).code == 0
    assert installed.tokgen("next", "a", "--sampler", "tokgen:top_k:k=2").code == 0


def test_the_place_of_what_cannot_be_used_can_be_copied(installed, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    installed.install("second-one", {"two.py": MINE}, {"samplers": {"mine": "two:Mine"}})
    lines = installed.tokgen("plugins", "list").out.splitlines()
    for distribution, file in (("first-one", "one.py"), ("second-one", "two.py")):
        said = lines.index(f"samplers mine of {distribution} (conflict) is in")
        assert lines[said + 1] == str(installed.folder / file)
    shown = installed.tokgen("plugins", "show", "first-one:mine").out.splitlines()
    assert str(installed.folder / "one.py") in shown


def test_a_plugin_whose_source_is_missing_is_broken(place):
    place.install("first-one", {}, {"samplers": {"mine": "nowhere.inside:Mine"}})
    assert listed(place)["first-one"]["status"] == "broken"


def test_a_source_that_is_no_python_is_broken(place):
    place.install("first-one", {"one.py": "class Mine\n"}, {"samplers": {"mine": "one:Mine"}})
    row = listed(place)["first-one"]
    assert (row["status"], row["fault"]) == ("broken", "It is not Python: line 1: expected ':'.")


TITLE = "title: Words of old\n"
CARDS = {
    "whole": ("tokgen_api: 1\n" + TITLE, "available", ""),
    "title of lines": ("tokgen_api: 1\ntitle: |\n  Words of old\n  and more\n", "available", ""),
    "title of numbers": ("tokgen_api: 1\ntitle: [1, 2]\n", "available", ""),
    "newer": ("tokgen_api: 2\n" + TITLE, "broken", "It is written for tokgen_api = 2; this is 1."),
    "no number": (TITLE, "broken", "It declares no tokgen_api; this is 1."),
    "no YAML": ("tokgen_api: [1\n" + TITLE, "broken", "mine.yaml', line 2, is not YAML: "),
    "no text": (b"tokgen_api: 1\n\xff" + TITLE.encode(), "broken", "is not UTF-8: line 2, byte 1"),
    "too large": ("#" * 100_000, "broken", "it has 100,000 bytes, and 65,536 are the most"),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_corpus_is_listed_by_its_card_and_never_imported(place, name):
    card, status, said = CARDS[name]
    summary = "Words of old" if name in ("whole", "newer", "no number", "title of lines") else ""
    files = {"mine_corpus/__init__.py": "raise RuntimeError('imported')\n"}
    place.install("first-one", files, {"corpora": {"mine": "mine_corpus:mine.yaml"}})
    content = card if isinstance(card, bytes) else card.encode()
    (place.folder / "mine_corpus" / "mine.yaml").write_bytes(content)
    done = place.tokgen("plugins", "list", "--json")
    assert (done.code, done.err) == (0, "")
    (row,) = (row for row in done.rows if row["name"] == "mine")
    assert (row["status"], row["summary"]) == (status, summary)
    assert said in row["fault"]


ENTRIES = "[tokgen.samplers]\nmine = one:Mine\n"
METADATA = "Metadata-Version: 2.1\nName: x\nVersion: 1\n"
METADATA = "Metadata-Version: 2.1\nName: x\nVersion: 1\n"
DAMAGED = {
    "no name": ("Metadata-Version: 2.1\nVersion: 1\n", ENTRIES, "has no Name"),
    "no version": ("Metadata-Version: 2.1\nName: x\n", ENTRIES, "has no Version"),
    "no metadata": (None, ENTRIES, "has no Name"),
    "not text": (METADATA, b"[tokgen.samplers]\n\xff=a:b\n", "UnicodeDecodeError"),
    "malformed": (METADATA, "[tokgen.samplers]\nmine\n", "TypeError"),
    "unclosed": (METADATA, "[tokgen.samplers\nmine = one:Mine\n", "without a ]"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_distribution_costs_one_line_of_the_list(place, name):
    metadata, entries, said = DAMAGED[name]
    info = place.folder / "x-1.dist-info"
    info.mkdir()
    if metadata is not None:
        (info / "METADATA").write_text(metadata)
    (info / "entry_points.txt").write_bytes(
        entries if isinstance(entries, bytes) else entries.encode()
    )
    done = place.tokgen("plugins", "list")
    assert done.code == 0
    assert f"the distribution in {info} is damaged: " in done.err
    assert said in done.err
    assert "mlp" in done.out
    other = place.tokgen("next", "a", "--rows", "3")
    assert (other.code, "damaged" in other.err) == (0, False)


def test_a_name_that_disables_nothing_is_told(installed, monkeypatch):
    monkeypatch.setenv("TOKGEN_DISABLE_PLUGINS", "mien,first-one,samplers:top_k")
    monkeypatch.setenv("TOKGEN_LOAD_PLUGINS", "first-one,second-one,mine")
    done = installed.tokgen("plugins", "list", "--json")
    assert [line for line in done.err.splitlines() if line.startswith("TOKGEN_")] == [
        "TOKGEN_DISABLE_PLUGINS names 'mien', which is not installed",
        "TOKGEN_LOAD_PLUGINS names 'mine', which is not installed",
        "TOKGEN_LOAD_PLUGINS names 'second-one', which is not installed",
    ]


@pytest.mark.parametrize(
    ("source", "attribute", "status"),
    [
        (MINE, "Mien", "broken"),
        ("from elsewhere import Mien", "Mien", "available"),
        ("from elsewhere import Mine as Mien", "Mien", "available"),
        ("from elsewhere import *", "Mien", "available"),
        ("def __getattr__(name):\n    return 1", "Mien", "available"),
        ("Mien = type('Mien', (), {})", "Mien", "available"),
    ],
)
def test_what_its_file_does_not_define_is_broken(source, attribute, status, tmp_path, monkeypatch):
    (tmp_path / "defining.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    found = FoundPlugin("samplers", "mine", "first-one", "1.0", f"defining:{attribute}")
    told = source_of(found)
    assert told.fault == ("Its file defines no 'Mien'." if status == "broken" else "")
    assert registry.status(found, told) == status
