"""What tokgen's consoles build on inside rich, whose own parts may change with any version."""

import inspect
import io

import pytest
from rich.console import Console

from tokgen.cli.consoles import PlainConsole, RecordingConsole
from tokgen.cli.export import export_command


def test_rich_writes_from_the_buffer_in_one_place_and_records_in_another():
    console = Console(file=io.StringIO(), record=True)
    assert isinstance(console._buffer, list)
    assert isinstance(console._record_buffer, list)
    with console._record_buffer_lock:
        pass
    assert not inspect.signature(Console._check_buffer).parameters.keys() - {"self"}
    assert not inspect.signature(Console.on_broken_pipe).parameters.keys() - {"self"}


class Interrupting(io.StringIO):
    """A stream whose first write is interrupted."""

    is_interrupted = False

    def write(self, text):
        if not self.is_interrupted:
            self.is_interrupted = True
            raise KeyboardInterrupt
        return super().write(text)


def test_what_ctrl_c_kept_from_being_written_does_not_begin_the_next_print():
    stream = Interrupting()
    console = PlainConsole(file=stream)
    with pytest.raises(KeyboardInterrupt):
        console.print("lost")
    console.print("next")
    assert stream.getvalue() == "next\n"


class Broken(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


def test_a_reader_that_goes_is_left_to_the_command_line():
    with pytest.raises(BrokenPipeError):
        PlainConsole(file=Broken()).print("lost")


def test_what_was_printed_and_typed_is_remembered_and_bounded(monkeypatch):
    console = RecordingConsole(file=io.StringIO())
    console.print("[b]printed")
    console.remember("> typed")
    assert console.export_text(clear=False).split() == ["[b]printed", ">", "typed"]
    assert not console.has_forgotten
    monkeypatch.setattr("tokgen.cli.consoles.MOST_REMEMBERED", 3)
    for number in range(9):
        console.print(number)
    assert len(console._record_buffer) == 3
    assert console.has_forgotten


def test_an_export_says_what_is_missing_in_it(monkeypatch, tmp_path):
    console = RecordingConsole(file=io.StringIO())
    export, path = export_command(console), tmp_path / "shown.txt"
    console.print("first")
    (told,) = export.run(None, str(path))
    assert told.text == f"exported to {path}"
    monkeypatch.setattr("tokgen.cli.consoles.MOST_REMEMBERED", 2)
    console.print("last")
    (told,) = export.run(None, str(path))
    assert told.text.endswith("without what was shown first: the session is too long")
    assert path.read_text().split() == ["last"]
