"""`tokgen serve`: a page on which a model is watched, and the API that programs ask."""

from __future__ import annotations

import webbrowser
from typing import Annotated
from urllib.parse import quote

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
    host: Annotated[
        str, typer.Option("--host", help="Address at which the server listens.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            "--port",
            min=0,
            max=LARGEST_PORT,
            help="Port at which the server listens; 0 takes a free one.",
        ),
    ] = 8008,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser of this machine.")
    ] = False,
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
    time_limit: Annotated[
        float,
        typer.Option(
            "--time-limit",
            metavar="SECONDS",
            min=0.1,
            help="Seconds that a request may take; one that takes longer ends with an error.",
        ),
    ] = 120.0,
    allow_training: Annotated[
        bool,
        typer.Option(
            "--allow-training",
            help="Let the page train models here, and keep them in your folder of models.",
        ),
    ] = False,
    memory: MemoryArgument = None,
) -> None:
    """Show a model on a page, step by step, and let programs ask it as they ask OpenAI's API."""
    _check_libraries()
    from tokgen.server.access import Access
    from tokgen.server.limits import Limits
    from tokgen.server.running import check_access
    from tokgen.server.running import serve as serve_until_stopped
    from tokgen.server.served_model import ServedModel
    from tokgen.server.training_desk import TrainingDesk

    access = Access(host, token, frozenset(cors or ()))
    check_access(access)
    limits = Limits(seconds=time_limit)
    served = ServedModel(open_model(chosen.request()), limits, budget(memory))

    def tell(address: str) -> None:
        say(f"serving {served.name} at {address} (a page, and the API; Ctrl-C stops it)")
        if allow_training:
            say("the page may train models, one at a time")
        if token is not None:
            say("requests need the token")
        for origin in sorted(access.origins):
            say(f"pages of {origin} may send requests")
        if open_page:
            _open(address if token is None else f"{address}/#token={quote(token)}")

    serve_until_stopped(served, access, port, tell, TrainingDesk() if allow_training else None)


def _check_libraries() -> None:
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError:
        raise RequestError(
            "A server needs starlette and uvicorn, which are not installed: they come with the "
            "extra 'serve', in tokgen's folder by python -m pip install '.[serve]' -c "
            "constraints.txt, elsewhere by python -m pip install starlette uvicorn."
        ) from None


def _open(address: str) -> None:
    """Open the browser; the server begins to answer in a moment, and a browser waits for it."""
    if not webbrowser.open(address):
        say(f"no browser was found: open {address.partition('#')[0]} in one")
