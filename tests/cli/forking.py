"""A process that has imported what commands import; each of its children becomes one command.

A command is a process of its own as when a user starts it (its streams, its environment, its exit
code), but it costs milliseconds where torch alone takes seconds to import. Tests of what is
imported, and of what an import does, start the interpreter itself.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

LONGEST = 2**17  # bytes of one request: its words and its environment


def run(arguments: list[str], stdin: str) -> tuple[int, str, str]:
    """The exit code of a command, what it printed and what it said."""
    pipes = [os.pipe() for _ in range(3)]
    (in_read, in_write), (out_read, out_write), (err_read, err_write) = pipes
    theirs = [in_read, out_write, err_write]
    request = json.dumps([arguments, os.getcwd(), dict(os.environ)]).encode()
    server = _server()
    socket.send_fds(server, [request], theirs)
    for each in theirs:
        os.close(each)
    with ThreadPoolExecutor(3) as threads:
        threads.submit(_write, in_write, stdin)
        out, err = (threads.submit(_read, each) for each in (out_read, err_read))
    code = int(server.recv(LONGEST))
    return code, out.result(), err.result()


def _write(pipe: int, text: str) -> None:
    try:
        with open(pipe, "w") as stream:
            stream.write(text)
    except BrokenPipeError:
        pass  # The command has read as much as it wanted.


def _read(pipe: int) -> str:
    with open(pipe) as stream:
        return stream.read()


@functools.cache
def _server() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, __file__, str(theirs.fileno())]
        # Its streams are pipes, as those of its children will be: they cannot be sought in.
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()], **streams)
    atexit.register(process.communicate)
    atexit.register(ours.close)
    return ours


def _serve(connection: socket.socket) -> None:
    """Answer requests; it returns in a child alone, which is to be the command."""
    started_with = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    installed = [each for each in sys.path[1:] if each not in started_with]
    while True:
        request, streams, _, _ = socket.recv_fds(connection, LONGEST, 3)
        if not request:
            sys.exit()
        child = os.fork()
        if child == 0:
            connection.close()
            _become(*json.loads(request), streams, installed)
            return
        for each in streams:
            os.close(each)
        _, status = os.waitpid(child, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(
    arguments: list[str],
    folder: str,
    environment: dict[str, str],
    streams: list[int],
    installed: list[str],
) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tokgen", *arguments]
    own = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = [folder, *own, *installed]
    importlib.invalidate_caches()


if __name__ == "__main__":
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    import tokgen_models

    import tokgen
    from tokgen import cli

    for package in (tokgen, tokgen_models):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name != "tokgen.__main__":
                importlib.import_module(module.name)
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    try:
        cli.main()
    except SystemExit as ended:
        # The interpreter's own end takes a second where torch is imported.
        atexit._run_exitfuncs()
        os._exit(ended.code)
