"""Running a command here, its standard output a pseudo-terminal, a pipe or a file."""

from __future__ import annotations

import io
import os
import sys
import threading
from contextlib import contextmanager

from tokgen.cli import application


@contextmanager
def standard_output(descriptor):
    before = sys.stdout
    with open(descriptor, "wb") as raw, io.TextIOWrapper(raw, "utf-8") as sys.stdout:
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stdout = before


def run(*arguments):
    application(arguments[:1])([*map(str, arguments)], standalone_mode=False)


def _read(readable, writable, *arguments):
    """What the command writes; a thread reads, so that the command never waits for a reader."""
    parts = []

    def read():
        try:
            while part := os.read(readable, 1 << 16):
                parts.append(part)
        except OSError:  # so ends a terminal whose other side was closed
            return

    reader = threading.Thread(target=read)
    reader.start()
    with standard_output(writable):
        run(*arguments)
    reader.join()
    os.close(readable)
    return b"".join(parts)


def on_terminal(*arguments):
    readable, writable = os.openpty()
    return _read(readable, writable, *arguments).replace(b"\r\n", b"\n")


def in_pipe(*arguments):
    return _read(*os.pipe(), *arguments)


def redirected(path, *arguments):
    with standard_output(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)):
        run(*arguments)
    return path.read_bytes()


def in_file(path, *arguments):
    run(*arguments, "--output", path)
    return path.read_bytes()
