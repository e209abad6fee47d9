"""Whatever a line brings, the next one is answered."""

from __future__ import annotations

import subprocess
import sys

import pytest
from running import tokgen

import tokgen as library
from tokgen.cli.conversation import converse
from tokgen.session.events import Distribution, Refused
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.training.model_request import ModelRequest

LISTING = '''
from tokgen.plugin_api import PluginOptions, Sampler


class Listing(Sampler):
    """Returns a list."""

    Options = PluginOptions

    def apply(self, logprobs, context):
        return logprobs.tolist()
'''


def piped(content, *arguments):
    command = [sys.executable, "-m", "tokgen", "repl", "--seed", "1", "--model", "ngram"]
    done = subprocess.run([*command, *arguments], input=content, capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_input_that_is_not_utf8_is_read_with_replacement_and_told_once():
    code, out, said = piped(b"\xef\xbb\xbfab\n:score \xff\n\xfe\r\nabi\n")
    assert code == 0
    assert said.count("not UTF-8") == 1
    assert "Character '\ufffd' at position 1" in out
    assert "  abi▏   the model sees" in out


def test_a_line_without_end_is_left_out():
    code, out, said = piped(b"x" * (1 << 20) + b"xx\nabi\n")
    assert (code, "is left out" in said) == (0, True)
    assert "  abi▏   the model sees" in out
    assert "Character" not in out


def test_what_fails_ends_nothing(tmp_path):
    (tmp_path / "listing.py").write_text(LISTING)
    lines = (
        ":chain listing",
        ":load /dev/null",
        f":pick {'9' * 5000}",
        ":names 9x",
        "abi",
        ":seed",
    )
    done = tokgen(
        "repl", "--seed", 1, "--plugin", tmp_path / "listing.py", stdin="\n".join(lines) + "\n"
    )
    assert done.code == 0
    assert "'listing' of the file listing.py returned no array of numbers" in done.out
    assert "Cannot read '/dev/null'" in done.out
    assert "A rank is at most" in done.out
    assert "  abi▏   the model sees" in done.out
    assert done.out.splitlines()[-1] == "  seed 1"


@pytest.fixture
def session():
    model = library.load("indian-names", "ngram")
    return Session(State(model, Settings(seed=1), ModelRequest(), lambda request: model))


def test_a_view_that_fails_is_told_and_the_next_line_answered(session):
    seen = []

    def tell(event):
        if isinstance(event, Distribution) and len(seen) == 0:
            raise ValueError("no such order")
        seen.append(event)

    converse(session, ["abi", "ab", ":quit", "never"], tell)
    assert seen[0] == Refused("tokgen failed: ValueError: no such order")
    assert seen[1].next.prefix == "ab"
    assert len(seen) == 3


def test_an_output_that_is_gone_ends_it(session):
    def tell(event):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        converse(session, ["abi", "ab"], tell)


def test_an_export_holds_what_was_typed_and_what_was_answered(tmp_path):
    text, picture = tmp_path / "shown.txt", tmp_path / "shown.svg"
    done = tokgen(
        "repl",
        "--model",
        "ngram",
        stdin=f"abi\n:seed 4\n:export {text}\n:export {picture}\n:export\n",
    )
    assert "An argument is missing: :export FILE" in done.out
    lines = text.read_text().splitlines()
    assert lines[0] == "› abi"
    assert lines[-3:] == ["› :seed 4", "  seed 4", f"› :export {text}"]
    assert picture.read_text().startswith("<svg")


def test_an_export_is_a_page_or_markdown_too(tmp_path):
    page, marked, other = tmp_path / "shown.html", tmp_path / "shown.md", tmp_path / "shown.pdf"
    lines = f":seed 4\n:mark ```\n:export {page}\n:export {marked}\n:export {other}\n"
    done = tokgen("repl", "--model", "ngram", stdin=lines)
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert "› :seed 4" in page.read_text()
    first, _, fence, *rest = marked.read_text().splitlines()
    assert (first, fence, rest[-1]) == ("# A session of tokgen", "````text", "````")
    assert rest[:2] == ["› :seed 4", "  seed 4"]
    assert "'pdf' is no format of a session" in done.out.replace("\n", " ")
    assert not other.exists()
