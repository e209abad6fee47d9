"""No view drops a letter or shortens a figure, however narrow the terminal is."""

from __future__ import annotations

import fcntl
import io
import os
import re
import struct
import sys
import termios
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tokgen import registry
from tokgen.cli import application
from tokgen.cli.prompt import toolbar_lines
from tokgen.cli.terminal import hanging, print_line, say
from tokgen.cli.views.conformance import show_outcomes
from tokgen.cli.views.events import show_event
from tokgen.cli.views.families import families_table
from tokgen.cli.views.kept import kept_lines
from tokgen.cli.views.table import Column, Table, figures
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.testing.catalogue import CLAUSES
from tokgen.testing.outcome import Outcome
from tokgen.text_model.comparison import Measured
from tokgen.text_model.text_model import TextModel
from tokgen.training.kept_models import kept_models
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose

LETTERS = "abracadabra simsalabim hokuspokus "
TEXTS = [(LETTERS * 10)[:length] for length in (1, 16, 73, 300)]
WIDE, NARROW = 1000, (40, 80, 120)
BARS = "█▉▊▋▌▍▎▏"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "texts.txt"
    words = [LETTERS[begin:end].strip() for begin in range(30) for end in range(begin + 2, 33)]
    path.write_text("\n".join([*TEXTS, *words]) + "\n")
    return str(path)


@pytest.fixture
def printed(capsys, monkeypatch):
    """What a command prints in a terminal of some width."""

    def run(width, name, *arguments):
        monkeypatch.setenv("COLUMNS", str(width))
        application([name])([name, *map(str, arguments)], standalone_mode=False)
        return capsys.readouterr().out

    return run


def marks(text):
    """How often each figure and each letter is there."""
    found = Counter(re.findall(r"\d[\d,]*(?:\.\d+)?", text))
    return found + Counter(c for c in text if not c.isspace() and c not in BARS)


def cuts(text):
    """How often something is cut; a row "… 17 more" stands in each block of a table."""
    return len(re.findall(r"…(?! [\d,]+ more)", text))


def check_nothing_is_lost(narrow, wide, width):
    assert not marks(wide) - marks(narrow)
    assert cuts(narrow) == cuts(wide)
    # A path stands on a line of its own and is not wrapped, so that it can be copied.
    wrapped = (line for line in narrow.splitlines() if not line.startswith("/"))
    assert max(map(cell_len, wrapped)) <= width


ALL = ("--sampler", "top_k:k=20", "--top-p", 0.99, "--min-p", 0.001, "--temp", 1.7)
VIEWS = [
    ("next", TEXTS[0]),
    ("next", TEXTS[1], "--sort", "alphabet"),
    ("next", TEXTS[2], *(each for t in (0.1, 0.5, 1, 2, 5, 10) for each in ("--temp", t))),
    ("next", TEXTS[3], *ALL),
    *(("score", text) for text in TEXTS),
    *(("tree", text, "--depth", 4, "--width", 2) for text in TEXTS),
    *(("examples", text, "--context", 60) for text in TEXTS),
    ("top", "-n", 30),
    ("top", "-n", 5, "--prefix", TEXTS[3], "--temp", 2),
    ("analyze", "--positions"),
    ("analyze", "--positions", "--prefix", TEXTS[1], *ALL),
    ("info",),
    ("eval",),
    *(("loss", text) for text in TEXTS),
    ("loss", *TEXTS[:2]),
]


def check_view(printed, *view):
    wide = printed(WIDE, *view)
    for width in NARROW:
        check_nothing_is_lost(printed(width, *view), wide, width)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: " ".join(map(str, view))[:40])
def test_views_of_a_model(printed, corpus, view):
    model = () if view[0] == "examples" else ("--model", "ngram")
    check_view(printed, *view, "--corpus", corpus, *model)


@pytest.fixture
def kept_network(printed, corpus):
    """A network that a training of the corpus has kept."""
    printed(80, "train", "--corpus", corpus, "--model", "mlp", "-o", "steps=1", "--seed", 1)
    return ("--corpus", corpus, "--model", "mlp")


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_a_gradient_step(printed, kept_network, text):
    check_view(printed, "step", text, *kept_network)


def test_what_is_kept(printed, kept_network, monkeypatch):
    check_view(printed, "info", *kept_network)
    (kept,) = kept_models()
    wide = "\n".join(kept_lines(kept))
    for width in NARROW:

        def show():
            for line in kept_lines(kept):
                print_line(line)

        lines = talked(monkeypatch, width, "stdout", show)
        check_nothing_is_lost("\n".join(map(str.lstrip, lines)), wide, width)


def test_models_side_by_side(printed, kept_network):
    check_view(printed, "analyze", *kept_network, "--against", "ngram")
    row = (1.9619, 1.9379, 1.9858, 7.1127, 3.2332, 230523, 37.5, 5422, 0.075, 0.994, 0.125, 0.142)
    rows = [Measured(name, *row) for name in ("gru", "network_" * 3)]
    wide = drawn(WIDE, lambda console: console.print(families_table(rows)))
    for width in NARROW:
        narrow = drawn(width, lambda console: console.print(families_table(rows)))
        check_nothing_is_lost(narrow, wide, width)


@pytest.mark.parametrize("texts", [TEXTS, ()], ids=["texts", "accuracy"])
def test_the_values_of_columns(printed, texts):
    """The model of the names knows letters alone."""
    letters = [re.sub("[^a-z]", "", text) for text in texts]
    check_view(printed, "classify", *letters, "--checkpoint", "shipped:told")


@pytest.mark.parametrize(
    "view",
    [
        ("embeddings", "--table"),
        ("embeddings", "--near", "a", "--near", "b", "--analogy", "a:e::k"),
        ("next", "abi", "--explain"),
        ("corpora", "list"),
        ("corpora", "check"),
        ("plugins", "list"),
        ("plugins", "show", "mlp"),
        ("plugins", "check"),
        ("plugins", "check", "--explain", "fresh-load"),
    ],
    ids=" ".join,
)
def test_views_of_what_is_installed(printed, view):
    check_view(printed, *view)


def test_a_corpus_shows_all_its_figures_and_as_many_examples_as_fit(printed):
    wide = printed(WIDE, "corpora", "show")
    for width in NARROW:
        narrow = printed(width, "corpora", "show")
        figures_lost = {mark for mark in marks(wide) - marks(narrow) if len(mark) > 1}
        assert not figures_lost
        assert "…" not in narrow


def test_what_came_of_checking_a_plugin(printed):
    clauses = CLAUSES["models"]
    verdicts = [
        ("passed", "", ""),
        ("failed", "It is wrong. " * 9, "x" * 99),
        ("skipped", "so", ""),
    ]
    outcomes = [
        Outcome(clauses[number], verdict, said, shown, 0.1)
        for number, (verdict, said, shown) in enumerate(verdicts)
    ]
    wide = drawn(WIDE, lambda console: show_outcomes(console, "mlp", outcomes))
    for width in NARROW:
        narrow = drawn(width, lambda console: show_outcomes(console, "mlp", outcomes))
        check_nothing_is_lost(narrow, wide, width)


def drawn(width, draw):
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    draw(console)
    return console.file.getvalue()


COMMANDS = [
    ":temp 0.5 1 2 4 8",
    ":chain top_k:k=9 top_p:p=0.9 min_p:p=0.01 temperature:t=2",
    ":tree 3 3",
    ":mark here",
    ":marks",
    ":names 5",
    ":top 5",
    ":score",
    ":analyze",
    ":compare ngram",
    ":pick 2",
    ":run",
    ":help",
    ":help names",
    ":all",
    ":nonsense",
]


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_events_of_a_session(corpus, text):
    def open_model(request):
        return TextModel(choose(request).checkpoint)

    request = ModelRequest(corpus, "ngram")
    session = Session(State(open_model(request), Settings(seed=1), request, open_model))
    events = [event for line in (text, *COMMANDS) for event in session.handle(line)]
    for event in events:
        wide = drawn(WIDE, lambda console, event=event: show_event(console, event))
        for width in NARROW:
            narrow = drawn(width, lambda console, event=event: show_event(console, event))
            check_nothing_is_lost(narrow, wide, width)


def test_why_in_a_session():
    request = ModelRequest()
    model = TextModel(choose(request).checkpoint)
    session = Session(State(model, Settings(seed=1), request, lambda request: model))
    (event,) = session.handle(":why")
    wide = drawn(WIDE, lambda console: show_event(console, event))
    for width in NARROW:
        narrow = drawn(width, lambda console: show_event(console, event))
        check_nothing_is_lost(narrow, wide, width)


cells = st.text("ab0.% 日é", max_size=30)


@given(
    texts=st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=4),
    width=st.integers(8, 60),
)
def test_tables_fit_and_lose_nothing(texts, width):
    keys, wrapped, *numbers = zip(*texts, strict=True)
    columns = [
        Column(keys, "key", is_key=True, least=4),
        Column(wrapped, "text", least=4),
        *(figures(each, "figure") for each in numbers),
    ]
    shown = drawn(width, lambda console: console.print(Table(columns)))
    assert max(map(cell_len, shown.splitlines())) <= width
    expected = Counter("".join(map("".join, texts))) - Counter(" " * 999)
    assert not expected - Counter(shown)


def test_every_kind_of_plugin_is_in_the_list(printed):
    listed = printed(40, "plugins", "list")
    assert all(found.name in listed for found in registry.find_plugins())


def test_a_figure_is_never_wrapped_while_there_is_room_for_it_alone():
    columns = [Column(["a"], is_key=True), figures(["123,456.7 %"]), figures(["98.76 %"])]
    lines = drawn(14, lambda console: console.print(Table(columns))).split("\n")
    assert [line.strip() for line in lines] == ["a  123,456.7 %", "", "a  98.76 %", ""]


def test_what_goes_on_stands_below_what_it_goes_on():
    said = "  Moving    :back [N]   :forward   :tree [DEPTH WIDTH]"
    assert hanging(said, 80) == [said]
    assert hanging(said, 36) == [
        "  Moving    :back [N]   :forward",
        "            :tree [DEPTH WIDTH]",
    ]
    assert hanging("  the model is kept", 14) == ["  the model is", "  kept"]
    assert hanging("  in /a/long/path.html", 9) == ["  in", "  /a/long/path.html"]


@pytest.mark.parametrize("text", ["", "日本", *TEXTS], ids=len)
def test_the_line_below_a_prompt_goes_on_below(text):
    status = "/a/path/of/a/corpus/in-a-folder/words.txt · mlp context 3 · T 0.73 · seed 123456"
    assert toolbar_lines(text, status, WIDE) == f"{text}▏ {status}"
    for width in NARROW:
        shown = toolbar_lines(text, status, width)
        assert max(map(cell_len, shown.split("\n"))) <= width
        assert "".join(shown.split()) == "".join(f"{text}▏{status}".split())
        assert "seed 123456" in shown


SENTENCE = (
    "The map holds 20 % of the variance of 32 dimensions, so it shows little: /a/path/in-one/piece"
)


def talked(monkeypatch, columns, stream="stderr", talk=lambda: say(SENTENCE)):
    """What is read from a terminal of so many columns, to which a stream goes."""
    readable, writable = os.openpty()
    fcntl.ioctl(writable, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    monkeypatch.delenv("COLUMNS", raising=False)
    with open(writable, "w") as terminal:
        monkeypatch.setattr(sys, stream, terminal)
        talk()
        terminal.write("\0")
        terminal.flush()
        # A terminal gives what it has, which may be less than all.
        read = b""
        while not read.endswith(b"\0"):
            read += os.read(readable, 1 << 12)
    os.close(readable)
    return read.decode().removesuffix("\0").splitlines()


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_sentence_on_standard_error_breaks_between_words(monkeypatch, columns):
    lines = talked(monkeypatch, columns)
    assert max(map(len, lines)) <= columns
    assert " ".join(lines) == SENTENCE
    # Each line is as full as it can be.
    firsts = [line.split()[0] for line in lines[1:]]
    assert all(len(a) + 1 + len(b) > columns for a, b in zip(lines, firsts, strict=False))


def test_a_path_that_is_wider_than_the_terminal_stays_whole(monkeypatch):
    assert talked(monkeypatch, 12)[-1] == "/a/path/in-one/piece"
    assert talked(monkeypatch, 0) == [SENTENCE]


def test_a_sentence_in_a_file_is_one_line(capsys):
    say(SENTENCE)
    assert capsys.readouterr().err == f"{SENTENCE}\n"
