"""The application: paths of the API and of the page, errors, and who may ask."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tokgen.errors import TokgenError
from tokgen.server import page_files
from tokgen.server.access import Access, Guarded
from tokgen.server.api_errors import ApiError, error_for
from tokgen.server.endpoints import Endpoints
from tokgen.server.page_endpoints import PageEndpoints
from tokgen.server.served_model import ServedModel
from tokgen.server.shelf import Shelf
from tokgen.server.training_desk import TrainingDesk
from tokgen.server.training_endpoints import TrainingEndpoints
from tokgen.server.working import Workers
from tokgen.training.named_models import named_models

CLIENT_GONE = 499


def application(served: ServedModel, access: Access, desk: TrainingDesk | None = None) -> ASGIApp:
    """The server as an ASGI application; without a desk it trains nothing."""
    workers = Workers(served.limits)
    shelf = Shelf(served, () if desk is None else named_models())
    trainings = TrainingEndpoints(desk, shelf, workers)
    answers = Endpoints(served, workers)
    # A request is compared with one after the other: what is asked often comes first.
    routes = [
        Route("/v1/completions", answers.completions, methods=["POST"]),
        Route("/health", answers.health),
        Route("/v1/models", answers.models),
        Route("/v1/models/{name:path}", answers.model),
        Route("/tokenize", answers.tokenize, methods=["POST"]),
        Route("/detokenize", answers.detokenize, methods=["POST"]),
        Route("/tokenizer_info", answers.tokenizer_info),
        Route("/openapi.json", answers.openapi),
        *PageEndpoints(shelf, workers, trainings).routes(),
        *trainings.routes(),
        *page_files.routes(),
    ]
    handlers = {HTTPException: _http_error, Exception: _error, ClientDisconnect: _gone}
    told = dict.fromkeys((ApiError, TokgenError), _error)
    return Guarded(Starlette(routes=routes, exception_handlers={**handlers, **told}), access)


async def _error(request: Request, error: Exception) -> Response:
    answer = error_for(error)
    headers = {"Retry-After": "1"} if answer.status == 429 else None
    return JSONResponse(answer.as_json(), answer.status, headers)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    said = {
        404: f"There is nothing at {path}.",
        405: f"{request.method} is not answered at {path}.",
    }
    answer = ApiError(error.status_code, said.get(error.status_code, error.detail))
    return JSONResponse(answer.as_json(), error.status_code, error.headers)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=CLIENT_GONE)
