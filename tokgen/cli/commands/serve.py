"""`tokgen serve`: a model answers over HTTP, as clients of OpenAI's API ask."""

from __future__ import annotations

from typing import Annotated

import typer

from tokgen.cli.arguments import MemoryArgument
from tokgen.cli.bundles import bundled
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import say
from tokgen.errors import RequestError
from tokgen.exact.memory import budget

LARGEST_PORT = 65_535


@bundled
def serve(
    chosen: SpeakingModel = SpeakingModel(),
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=LARGEST_PORT, help="0 takes one that is free.")
    ] = 8008,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            help="Refuse requests that do not carry this token (Authorization: Bearer TOKEN).",
        ),
    ] = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(
            "--cors", metavar="ORIGIN", help="A website whose pages may send requests (repeatable)."
        ),
    ] = None,
    memory: MemoryArgument = None,
) -> None:
    """Let programs ask a model over HTTP, as they ask OpenAI's API for completions."""
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError:
        raise RequestError(
            "A server needs starlette and uvicorn, which are not installed: "
            "python -m pip install starlette uvicorn."
        ) from None
    from tokgen.server.access import Access
    from tokgen.server.running import check_access
    from tokgen.server.running import serve as serve_until_stopped
    from tokgen.server.served_model import ServedModel

    access = Access(host, token, frozenset(cors or ()))
    check_access(access)
    served = ServedModel(open_model(chosen.request()), memory=budget(memory))

    def tell(address: str) -> None:
        say(f"serving {served.name} at {address} (Ctrl-C stops it)")
        if token is not None:
            say("requests need the token")
        for origin in sorted(access.origins):
            say(f"pages of {origin} may ask")

    serve_until_stopped(served, access, port, tell)
