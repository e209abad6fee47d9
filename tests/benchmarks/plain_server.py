"""The server that one writes first: a torch network behind starlette, one request after the other.

Run it as `python tests/benchmarks/plain_server.py PORT`; it answers POST /v1/completions with
`prompt`, `seed` and `max_tokens` from the GRU of the Indian names, whole, never as a stream.
"""

from __future__ import annotations

import sys
from asyncio import Lock

import torch
import uvicorn
from reference import torch_network
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

import tokgen

OPENED = tokgen.load("indian-names", model="gru")
NETWORK, TOKENIZER = torch_network(OPENED.model), OPENED.tokenizer
ONE_AT_A_TIME = Lock()


@torch.no_grad()
def completed(prompt, seed, max_tokens):
    """Forward pass over the whole prefix, softmax, multinomial, append."""
    chance, end = torch.Generator().manual_seed(seed), TOKENIZER.terminator_id
    ids, drawn = torch.tensor([[end, *TOKENIZER.encode(prompt)]]), []
    while len(drawn) < max_tokens:
        probabilities = torch.softmax(NETWORK(ids)[:, -1], dim=1)
        probabilities[:, end] = 0  # So that it draws as many tokens as the other one.
        token = torch.multinomial(probabilities, 1, generator=chance)
        drawn.append(int(token))
        ids = torch.cat([ids, token], dim=1)
    return TOKENIZER.decode(drawn)


async def completions(request):
    body = await request.json()
    async with ONE_AT_A_TIME:
        text = completed(body["prompt"], body["seed"], body["max_tokens"])
    return JSONResponse({"choices": [{"index": 0, "text": text, "finish_reason": "length"}]})


if __name__ == "__main__":
    routes = [Route("/v1/completions", completions, methods=["POST"])]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_level="warning")
