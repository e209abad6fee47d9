"""`tokgen serve` says where it answers, and refuses what would let everybody in."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from running import tokgen


@contextmanager
def serving(*typed):
    """Where a server of the shipped model answers, until it is told to stop."""
    command = [sys.executable, "-m", "tokgen", "serve", "--port", "0", *typed]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        said = ""
        while "serving" not in said:
            said = process.stderr.readline()
        yield re.search(r"http://\S+", said)[0]
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "interrupted\n"
    assert process.returncode == 130


@pytest.fixture
def address():
    with serving() as found:
        yield found


def asked(address, **body):
    with urllib.request.urlopen(f"{address}/v1/completions", json.dumps(body).encode()) as answer:
        return json.load(answer)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_the_same_request_gives_the_same_text_as_the_command_line(address):
    done = tokgen("generate", "-n", "3", "--prefix", "sh", "--seed", "9", "--temp", "1.3")
    answer = asked(address, prompt="sh", seed=9, temperature=1.3, n=3, max_tokens=62)
    assert ["sh" + choice["text"] for choice in answer["choices"]] == done.out.splitlines()


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_training_ends_with_its_server(name):
    command = [sys.executable, "-m", "tokgen", "serve", "--port", "0", "--allow-training"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        said = ""
        while "serving" not in said:
            said = process.stderr.readline()
        assert "may train" in process.stderr.readline()
        body = {"corpus": "indian-names", "model": "gru", "steps": 5000}
        page = re.search(r"http://\S+", said)[0] + "/page/train"
        with urllib.request.urlopen(page, json.dumps(body).encode()) as answer:
            assert json.load(answer)["steps"] == 5000
        process.send_signal(getattr(signal, name))
        # The process of the training writes to the same pipe, which is closed when both are gone.
        assert process.stderr.read() == ("interrupted\n" if name == "SIGINT" else "")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_a_request_that_takes_longer_than_the_limit_ends():
    with serving("--time-limit", "0.1") as address:
        with pytest.raises(urllib.error.HTTPError) as raised:
            asked(address, n=256, max_tokens=4096, min_tokens=4096)
        error = json.load(raised.value)["error"]
        assert (raised.value.code, error["code"]) == (422, "time_limit_exceeded")
        assert asked(address, prompt="sh", max_tokens=1)["choices"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--host", "0.0.0.0"], "Other machines can reach '0.0.0.0': --token T asks them for"),
        (["--token", ""], "The token is empty"),
        (["--cors", "*"], "An origin is written https://HOST or http://HOST:PORT, not '*'."),
        (["--cors", "https://a.org/x"], "not 'https://a.org/x'."),
        (["--port", "70000"], "65535"),
        (["--time-limit", "nan"], "at least 0.1"),
        (["--model", "nosuch"], "nosuch"),
    ],
)
def test_what_is_wrong_is_one_sentence(typed, said):
    done = tokgen("serve", *typed)
    assert (done.code, done.out) == (2, "")
    assert said in done.err.splitlines()[-1]


def test_a_port_that_is_in_use_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = tokgen("serve", "--port", port)
    assert done.code == 2
    assert f"The address 127.0.0.1:{port} cannot be used: " in done.err
    assert "--port names another port." in done.err


def test_without_starlette_the_command_says_what_to_install():
    script = "import sys; sys.modules['uvicorn'] = None; from tokgen.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script, "serve"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        "tokgen: A server needs starlette and uvicorn, which are not installed: "
        "they come with the extra 'serve', in tokgen's folder by python -m pip install '.[serve]' "
        "-c constraints.txt, elsewhere by python -m pip install starlette uvicorn.\n"
    )
