"""Access: who may ask. It stands before every endpoint.

A page of another site that runs in a user's browser must not ask a server on the user's machine.
Such a page names itself in `Origin`; and where its name was made to lead to 127.0.0.1 (DNS
rebinding), its name is the one in `Host`.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tokgen.server.api_errors import ApiError

# The page holds nothing of the model, and asks for the token itself.
OPEN_PATHS = ("/health", "/")
OPEN_FILES = re.compile(r"/page/[\w-]+\.(css|js|svg)")
METHODS = "GET, POST"
HEADERS = "authorization, content-type"


@dataclass(frozen=True)
class Access:
    """Who may ask.

    Attributes:
        host: where the server listens.
        token: what `Authorization: Bearer …` has to hold; None asks for none.
        origins: pages that may ask besides those of the server itself.
    """

    host: str = "127.0.0.1"
    token: str | None = None
    origins: frozenset[str] = frozenset()

    def refusal(self, headers: Headers, path: str) -> ApiError | None:
        """Why a request is refused; None where it is not."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if is_local(self.host) and not self._is_own_name(host):
            return ApiError(403, f"This server is not called {host!r}.", code="wrong_host")
        if origin is not None and not self._may_ask(origin, host):
            said = f"Pages of {origin!r} may not ask this server (tokgen serve --cors allows it)."
            return ApiError(403, said, code="wrong_origin")
        if self.token is not None and not is_open(path) and not self._has_token(headers):
            said = "Requests need the server's token, as Authorization: Bearer TOKEN."
            return ApiError(401, said, code="invalid_api_key")
        return None

    def _is_own_name(self, host: str) -> bool:
        name = _name_of(host)
        return name is not None and (name == self.host.lower() or is_local(name))

    def _may_ask(self, origin: str, host: str) -> bool:
        return origin in self.origins or origin in (f"http://{host}", f"https://{host}")

    def _has_token(self, headers: Headers) -> bool:
        kind, _, given = headers.get("authorization", "").partition(" ")
        wanted = (self.token or "").encode()
        return kind.lower() == "bearer" and secrets.compare_digest(given.encode("latin-1"), wanted)


def is_open(path: str) -> bool:
    """Whether who has no token is answered there, too."""
    return path in OPEN_PATHS or OPEN_FILES.fullmatch(path) is not None


def is_local(host: str) -> bool:
    """Whether a host name or an address is one that only this machine reaches."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str | None:
    """The name in a `Host` header, without a port; None where it is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


class Guarded:
    """An application behind `Access`; it answers browsers that ask who may ask (CORS)."""

    def __init__(self, application: ASGIApp, access: Access) -> None:
        self._application = application
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        is_named = origin is not None and origin in self._access.origins
        if is_named and scope["method"] == "OPTIONS":
            await _preflight(origin or "")(scope, receive, send)
            return
        told = _telling(send, origin) if is_named and origin is not None else send
        refusal = self._access.refusal(headers, scope["path"])
        if refusal is None:
            await self._application(scope, receive, told)
            return
        answer = JSONResponse(refusal.as_json(), refusal.status, _challenge(refusal.status))
        await answer(scope, receive, told)


def _challenge(status: int) -> dict[str, str]:
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def _preflight(origin: str) -> Response:
    return Response(status_code=204, headers=dict([*_allowed(origin), ("Vary", "Origin")]))


def _allowed(origin: str) -> Iterable[tuple[str, str]]:
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", HEADERS),
    )


def _telling(send: Send, origin: str) -> Send:
    """`send` that lets a browser show the answer to the page that asked."""

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers.add_vary_header("Origin")
        await send(message)

    return tell
