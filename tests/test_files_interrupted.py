"""Ctrl-C keeps a beginning that is worth keeping, and says just that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from written import NEW, OLD, names, stood_before, write, write_and_raise

from tokgen.files import WritingInterrupted, writing_keeping_partial, writing_whole

old = pytest.fixture(stood_before)


def test_ctrl_c_in_what_must_be_whole_changes_nothing(old):
    with pytest.raises(KeyboardInterrupt) as raised:
        write_and_raise(writing_whole, old, KeyboardInterrupt)
    assert raised.type is KeyboardInterrupt
    assert (names(old.parent), old.read_bytes()) == (["names.txt"], OLD)


def test_ctrl_c_keeps_what_was_written_beside(old):
    partial = old.with_name("names.txt.partial")
    for content in (OLD, NEW):  # the second takes the place of the first
        with pytest.raises(WritingInterrupted) as raised:
            write_and_raise(writing_keeping_partial, old, KeyboardInterrupt, content)
        assert isinstance(raised.value, KeyboardInterrupt)
        assert raised.value.partial == partial
        assert repr(str(partial)) in str(raised.value)
        assert partial.read_bytes() == content
    assert (names(old.parent), old.read_bytes()) == (["names.txt", partial.name], OLD)


def test_ctrl_c_while_the_disk_works_keeps_it_all(old, monkeypatch):
    def pressed(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", pressed)
    with pytest.raises(WritingInterrupted) as raised:
        write(writing_keeping_partial, old)
    assert (old.read_bytes(), raised.value.partial.read_bytes()) == (OLD, NEW)


def test_the_partial_file_stands_beside_what_a_link_leads_to(old, tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "folder" / "link"
    link.symlink_to(old)
    with pytest.raises(WritingInterrupted) as raised:
        write_and_raise(writing_keeping_partial, link, KeyboardInterrupt)
    assert raised.value.partial.read_bytes() == NEW
    assert raised.value.partial.samefile(tmp_path / "names.txt.partial")


@pytest.mark.parametrize("hindrance", ["nothing was written", "it is an input", "a folder"])
def test_where_no_partial_file_can_be_kept_none_is_told(old, hindrance):
    partial = old.with_name("names.txt.partial")
    if hindrance == "it is an input":
        partial.write_bytes(OLD)
    elif hindrance == "a folder":
        partial.mkdir()
    before = names(old.parent)
    content = b"" if hindrance == "nothing was written" else NEW
    with pytest.raises(KeyboardInterrupt) as raised:
        write_and_raise(writing_keeping_partial, old, KeyboardInterrupt, content, iter([partial]))
    assert raised.type is KeyboardInterrupt
    assert (names(old.parent), old.read_bytes()) == (before, OLD)
    assert not partial.is_file() or partial.read_bytes() == OLD


ENDLESS = """
import sys
from pathlib import Path
from tokgen.files import WritingInterrupted, writing_keeping_partial
rows, path = int(sys.argv[1]), Path(sys.argv[2])
try:
    with writing_keeping_partial(path) as file:
        first = 0
        while True:
            file.write(b"".join(b"%015d\\n" % row for row in range(first, first + rows)))
            first += rows
            if first >= 1000: print(flush=True)
except WritingInterrupted as stopped:
    print(stopped, file=sys.stderr)
    sys.exit(130)
"""


@pytest.mark.parametrize("rows", [1, 7, 1000, 100_000])
def test_a_partial_file_is_a_beginning_without_gap_or_repetition(old, rows):
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(rows), str(old)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    partial = old.with_name("names.txt.partial")
    assert (process.returncode, partial.name in said) == (130, True)
    written = partial.read_bytes()
    expected = b"".join(b"%015d\n" % row for row in range(len(written) // 16 + 1))
    assert len(written) > 0
    assert expected.startswith(written)
    assert old.read_bytes() == OLD
