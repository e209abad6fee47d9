"""Running the server until it is stopped."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from tokgen.errors import RequestError
from tokgen.server.access import Access, is_local
from tokgen.server.app import application
from tokgen.server.served_model import ServedModel
from tokgen.server.training_desk import TrainingDesk

SECONDS_TO_END = 3
EVERYWHERE = ("0.0.0.0", "::")


def check_access(access: Access) -> None:
    """Refuse to serve everybody without a token, and origins that no browser sends.

    Raises:
        RequestError: saying what is missing.
    """
    if access.token == "":
        raise RequestError("The token is empty: --token takes one or more characters.")
    if not is_local(access.host) and access.token is None:
        raise RequestError(
            f"Other machines can reach {access.host!r}: --token T asks them for a token."
        )
    for origin in sorted(access.origins):
        scheme, _, host = origin.partition("://")
        if scheme not in ("http", "https") or not host or set(host) & set("/*? "):
            raise RequestError(
                f"An origin is written https://HOST or http://HOST:PORT, not {origin!r}."
            )


def serve(
    served: ServedModel,
    access: Access,
    port: int,
    said: Callable[[str], None],
    desk: TrainingDesk | None = None,
) -> None:
    """Answer requests until the process is told to stop.

    Args:
        port: 0 takes one that is free.
        said: told the address once the server can be reached.
        desk: where the page may ask for trainings; they end with the server.

    Raises:
        RequestError: the address cannot be used.
    """
    with listening(access.host, port) as listener, _open_desk(desk):
        said(f"http://{_reachable(access.host)}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            application(served, access, desk),
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=SECONDS_TO_END,
        )
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _open_desk(desk: TrainingDesk | None) -> Iterator[None]:
    if desk is None:
        yield
        return
    threading.Thread(target=desk.keep_looking, daemon=True).start()
    try:
        yield
    finally:
        desk.close()


def _reachable(host: str) -> str:
    """A name under which this machine reaches what listens there, as an address holds it."""
    if host in EVERYWHERE:
        return "localhost"
    return f"[{host}]" if ":" in host else host


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family)
        # Its connections send each part of an answer at once: a part that waits for the client to
        # acknowledge the one before comes up to 40 ms later.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        why = error.strerror or str(error)
        raise RequestError(
            f"The address {host}:{port} cannot be used: {why}. --port names another port."
        ) from None
