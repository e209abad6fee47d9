"""Print how many requests a server answers: one client, 16 and 64 of them, beside a plain server.

Run it as `python tests/benchmarks/serving.py`. Each request asks for 32 tokens after `a`. Behind
the table: how much faster 64 streams come at once than one after the other (the median of nine
pairs), and how many bytes 10,000 requests more leave behind.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

TOKENS = 32
PLAIN = Path(__file__).with_name("plain_server.py")
MODELS = ("mlp", "gru", "lstm", "transformer")
CLIENTS = {1: 64, 16: 256, 64: 512}
PAIRS = 9


@contextmanager
def serving(*command):
    """A server at a free port, in a process of its own: the port and the process."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = subprocess.Popen([sys.executable, *command, str(port)])
    try:
        _wait_for(port)
        yield port, server
    finally:
        server.terminate()
        server.wait()


def _wait_for(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)


async def ask(port, seed, **more):
    """One request; the seconds until the whole answer is there."""
    body = {"prompt": "a", "seed": seed, "max_tokens": TOKENS, **more}
    content = json.dumps(body).encode()
    head = f"POST /v1/completions HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n"
    begun = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(content) + content)
    answer = await reader.read(-1)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200"), answer
    return time.perf_counter() - begun


async def load(port, clients, requests, **more):
    """Requests of so many clients, each with the next as soon as it has an answer."""
    seeds, seconds = iter(range(requests)), []

    async def client():
        for seed in seeds:
            seconds.append(await ask(port, seed, **more))

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return requests / (time.perf_counter() - begun), np.array(seconds)


def show(name, port, **more):
    asyncio.run(load(port, 1, 8, **more))
    for clients, requests in CLIENTS.items():
        rate, seconds = asyncio.run(load(port, clients, requests, **more))
        middle, late = 1000 * np.quantile(seconds, [0.5, 0.95])
        print(f"{name:12} {clients:7} {rate:12.1f} {middle:10.1f} {late:10.1f}", flush=True)


def ratio_of_streams(port, **more):
    """Seconds of 64 streams one after the other, divided by those of all at once: the median."""
    ratios = []
    for _ in range(PAIRS):
        alone, _ = asyncio.run(load(port, 1, 64, stream=True, **more))
        together, _ = asyncio.run(load(port, 64, 64, stream=True, **more))
        ratios.append(together / alone)
    return np.median(ratios)


def resident(server):
    """Bytes of memory that a process has."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return 1024 * int(status.split("VmRSS:")[1].split()[0])


def main():
    print(f"{'':12} {'clients':>7} {'requests a s':>12} {'median ms':>10} {'95 % ms':>10}")
    with serving(PLAIN) as (port, _):
        show("plain gru", port)
    # As many tokens for all, so that they can be compared.
    more = {"samplers": [f"min_length:n={TOKENS}"]}
    for model in MODELS:
        with serving("-m", "tokgen", "serve", "--model", model, "--port") as (port, server):
            show(model, port, **more)
            for tokens in (TOKENS, 2 * TOKENS):
                asked = {"samplers": [f"min_length:n={tokens}"], "max_tokens": tokens}
                ratio = ratio_of_streams(port, **asked)
                print(f"  64 streams of {tokens} tokens at once: {ratio:.1f} times as fast")
            before = resident(server)
            asyncio.run(load(port, 16, 10_000, max_tokens=4))
            print(f"  10,000 requests more: {(resident(server) - before) / 1e6:+.0f} MB")


if __name__ == "__main__":
    main()
