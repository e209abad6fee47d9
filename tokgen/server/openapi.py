"""The API described in OpenAPI's terms; the bodies are those that requests are read with."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from tokgen import __version__
from tokgen.server.bodies import Body, CompletionBody, DetokenizeBody, TokenizeBody

GETS = {
    "/health": "Says that the server answers, and with which model.",
    "/v1/models": "The model that the server answers with.",
    "/v1/models/{name}": "The model with this name, if the server answers with it.",
    "/tokenizer_info": "The vocabulary: what a client has to know to use ids.",
    "/openapi.json": "This description.",
}
POSTS: dict[str, tuple[str, type[Body]]] = {
    "/v1/completions": ("Completions of prompts.", CompletionBody),
    "/tokenize": ("The ids of a text.", TokenizeBody),
    "/detokenize": ("The text of ids.", DetokenizeBody),
}
_PLACE = "#/components/schemas/{model}"


def description() -> dict[str, Any]:
    """The document of `GET /openapi.json`."""
    bodies = [(body, "validation") for _, body in POSTS.values()]
    _, schemas = models_json_schema(bodies, ref_template=_PLACE)  # type: ignore[arg-type]
    paths: dict[str, Any] = {path: {"get": _answered(said)} for path, said in GETS.items()}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    paths["/v1/models/{name}"]["get"]["parameters"] = [name]
    for path, (said, body) in POSTS.items():
        schema = {"$ref": _PLACE.format(model=body.__name__)}
        content = {"application/json": {"schema": schema}}
        paths[path] = {"post": _answered(said) | {"requestBody": {"content": content}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "tokgen", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas["$defs"]},
    }


def _answered(said: str) -> dict[str, Any]:
    return {
        "summary": said,
        "responses": {
            "200": {"description": "What is asked for."},
            "default": {"description": 'What is wrong, as {"error": {"message": …}}.'},
        },
    }
