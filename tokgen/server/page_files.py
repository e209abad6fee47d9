"""The page's own files: read once, and served with what tells a browser to run nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = "/page/"
INDEX = "index.html"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A browser asks each time whether it still has the present file.
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True)
class PageFile:
    """One file, as it is sent."""

    content: bytes
    kind: str

    @property
    def tag(self) -> str:
        """What changes with the content (ETag)."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    async def answer(self, request: Request) -> Response:
        """The file, or that the browser has it already."""
        headers = {**SECURITY, "ETag": self.tag}
        if self.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.content, headers={**headers, "Content-Type": self.kind})


def page_files() -> dict[str, PageFile]:
    """Each of the page's files by the path that it is served at; the first one at `/`, too."""
    found = {}
    for file in files("tokgen.server").joinpath("page").iterdir():
        kind = KINDS.get(file.name[file.name.rfind(".") :])
        if kind is not None:
            found[FOLDER + file.name] = PageFile(file.read_bytes(), kind)
    found["/"] = found.pop(FOLDER + INDEX)
    return found


def routes() -> list[Route]:
    """The routes of the page's files."""
    return [Route(path, file.answer) for path, file in page_files().items()]
