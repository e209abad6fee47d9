"""Requests to the server: any path and header, bodies that are nearly what an endpoint takes."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from hypothesis import strategies as st
from mutation import nearly_bytes, nearly_tree, texts, values
from overlapping import MODELS
from small_models import ngram, told_path, without_pieces
from starlette.testclient import TestClient
from target import Target
from trained_at_once import TrainedAtOnce

from tokgen.server.access import Access
from tokgen.server.app import application
from tokgen.server.limits import Limits
from tokgen.server.served_model import ServedModel
from tokgen.server.training_desk import TrainingDesk
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint

READERS = tuple(
    f"tokgen/server/{name}.py"
    for name in (
        *("access", "api_errors", "app", "bodies", "choices", "completions", "completion_text"),
        *("endpoints", "infilling", "prompts", "reading_bodies", "responses", "sampling"),
        *("served_model", "token_reports", "training_bodies", "training_requests", "working"),
    )
)
LIMITS = Limits(prompts=4, prompt_tokens=60, choices=8, max_tokens=60, logprobs=2_000)
ANSWERED = {200, 204, 400, 401, 403, 404, 405, 409, 413, 422, 429}
# In bodies it stands for the id of the training that there is.
JOB = "JOB"
TRAINING = "training"

COMPLETION = {
    "prompt": "la",
    "max_tokens": 5,
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 3,
    "min_p": 0.1,
    "n": 2,
    "best_of": 3,
    "logprobs": 2,
    "prompt_logprobs": 1,
    "echo": True,
    "stop": ["na", "e"],
    "stop_token_ids": [3],
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "repetition_penalty": 1.1,
    "logit_bias": {"1": 2.0},
    "min_tokens": 2,
    "seed": 1,
    "return_token_ids": True,
}
BODIES = {
    "/v1/completions": [
        COMPLETION,
        {"prompt": [0, 1], "stream": True, "stream_options": {"include_usage": True}},
        {"stream": True, "return_token_ids": True, "n": 2, "stop_token_ids": [0, 2]},
        {"prompt": ["l", "sh"], "samplers": ["top_k:k=3", "min_length:n=2"], "echo": True},
        {"prompt": "a", "conditions": {"length": "3..6", "contains": "l"}, "max_tokens": 20},
        {"prompt": "a", "suffix": "na", "max_tokens": 4, "stream": True},
        {"prompt": [[0], [1]], "max_tokens": 0, "echo": True, "logprobs": -1},
        {"given": {"colour": "red"}, "logprobs": 1},
        {"prompt": [99], "conditions": {"novel": True, "pattern": "?a*", "exclude": "b"}},
    ],
    "/tokenize": [{"prompt": "lana", "return_token_strs": True}, {"content": "xyz"}],
    "/detokenize": [{"tokens": [0, 1, 2]}, {"tokens": [99]}],
}
WRONG_BODIES = {
    "/v1/completions": [
        {"model": "nosuch"},
        {"promt": "a"},
        {"conditions": {"patern": "a"}},
        {"conditions": 3},
        {"conditions": {"length": 3}, "suffix": "a"},
        {"stream_options": {"include_usage": True}},
        {"stream": True, "best_of": 2},
        {"stream": True, "prompt_logprobs": 1},
        {"n": 2, "best_of": 1},
        {"stop": ""},
        {"prompt": ["a"] * 5},
        {"prompt": "a" * 61},
        {"prompt": [0, 10, 0]},
        {"prompt": [10, 0]},
        {"n": 9},
        {"max_tokens": 61},
        {"max_tokens": 60, "n": 8, "logprobs": 99},
        {"logit_bias": {"a": 1}},
        {"n": 2, "max_tokens": 3, "logprobs": 0, "stop": ["l", "lala"]},
        {"best_of": 3, "n": 1},
        {"prompt": [3], "stop_token_ids": [0, 1, 2, 3], "n": 8},
        {"prompt": "e\u0301", "suffix": "\u0301"},
    ],
    "/tokenize": [{}, {"content": 3}, {"content": "-"}],
    "/detokenize": [{"tokens": [10]}, {"tokens": [-1]}],
}
# On a server that trains; what stands in one may be what the one before has begun.
TRAINING_BODIES = {
    "/page/train": [
        {
            "words": "lana\nmila",
            "model": "mlp",
            "options": {"hidden": 4, "dropout": 0.5},
            "steps": 9,
        },
        {"words": "a\r\n\n\ufeffb\u0007", "model": "gru", "options": {"patience": 0}, "seed": 3},
        {"words": "ab", "model": "ngram", "options": {"smoothing": "add-k", "k": 1}},
        {"corpus": "indian-names", "model": "ngram", "options": {"order": None}},
        {"words": "ab", "model": "mlp", "steps": 3, "options": {"steps": 4, "hidden": 20000}},
        {"words": "ab", "model": "ngram", "steps": 3},
        {"words": "abc" * 100, "model": "mlp"},
        {"words": "a\n" * 20_001, "model": "mlp"},
        {"words": "a" * 100_001, "model": "mlp"},
        {"words": "\n", "model": "mlp", "options": {"hiden": True}},
        {"corpus": "/etc/passwd", "model": "../mlp", "words": None},
        {"corpus": "/etc/passwd", "model": "mlp"},
        {"words": "a", "corpus": "indian-names", "model": "mlp"},
    ],
    "/page/train/watch": [
        {"job": JOB, "since": 0, "typed": "la"},
        {"job": JOB, "typed": "<&\u0000"},
        {"job": JOB, "typed": "a" * 61},
        {"job": "nosuch"},
    ],
    "/page/train/stop": [{"job": JOB}, {"job": ""}],
    "/page/train/keep": [
        {"job": JOB, "name": "Class-4b"},
        {"job": JOB, "name": "../a"},
        {"job": "nosuch", "name": "a"},
    ],
    "/page/train/forget": [{"job": JOB}, {"job": "nosuch"}],
    "/page/facts": [{}, {"model": "kept:Class-4b"}, {"model": "kept:../a"}],
}
PATHS = ["/health", "/v1/models", "/v1/models/nosuch", "/tokenizer_info", "/openapi.json", "/"]
LOCAL = "localhost:8008"
WRONG_HEADERS = (
    {},
    {"authorization": "Bearer wrong"},
    {"authorization": "Bearer t", "origin": "https://example.org"},
    {"authorization": "Bearer t", "origin": "https://other.example"},
    {"authorization": "Bearer t", "host": "rebound.example"},
    {"authorization": "Bearer t", "host": "["},
)


@functools.cache
def clients() -> dict[str, TestClient]:
    """Servers of several kinds of models; the last two are busy, and ask for a token."""
    served = {
        "ngram": ngram(),
        "told": TextModel(Checkpoint.load(told_path())),
        "without pieces": without_pieces(),
        **MODELS,
    }
    guarded = Access(token="t", origins=frozenset({"https://example.org"}))
    return {
        **{name: _client(model, Access()) for name, model in served.items()},
        "busy": _client(ngram(), Access(), Limits(requests=0)),
        "guarded": _client(ngram(), guarded),
        TRAINING: _client(ngram(), Access(), desk=desk()),
    }


@functools.cache
def desk() -> TrainingDesk:
    """Where trainings are asked for that end at once."""
    return TrainingDesk(start=TrainedAtOnce)


def _client(
    model: TextModel, access: Access, limits: Limits = LIMITS, desk: TrainingDesk | None = None
) -> TestClient:
    served = ServedModel(model, limits, memory=1 << 24)
    return TestClient(application(served, access, desk), base_url=f"http://{LOCAL}")


def request():
    """The kind of server, method, path and headers in a first line of JSON, and the body."""
    names = [*sorted(MODELS), "ngram", "told", "without pieces"]
    return Target(
        st.one_of(
            *(_asked(names, path, bodies) for path, bodies in BODIES.items()),
            *(_asked([TRAINING], path, bodies) for path, bodies in TRAINING_BODIES.items()),
            _others,
        ),
        _ask,
        READERS,
        tuple(_known(names)),
    )


def _asked(names, path, bodies):
    written = [json.dumps(body).encode() for body in bodies]
    trees = nearly_tree(bodies, others=st.one_of(values, st.integers(0, 8)))
    content = st.one_of(
        nearly_bytes(written),
        trees.map(lambda tree: json.dumps(tree).encode("utf-8", "replace")),
    )
    return st.builds(
        lambda name, body: _written(name, "POST", path, {}, body),
        st.sampled_from(names),
        content,
    )


header_texts = texts.map(lambda said: said.encode("ascii", "ignore").decode().translate(CONTROLS))
CONTROLS = dict.fromkeys([*range(32), 127])
_others = st.builds(
    lambda method, path, headers: _written("guarded", method, path, headers, b""),
    st.sampled_from(["GET", "POST", "OPTIONS", "DELETE", "HEAD"]),
    st.one_of(
        st.sampled_from([*PATHS, *BODIES, *TRAINING_BODIES]),
        header_texts.map(lambda said: f"/{said}"),
    ),
    st.one_of(
        st.sampled_from(WRONG_HEADERS),
        st.dictionaries(st.sampled_from(["authorization", "origin", "host"]), header_texts),
    ),
)


def _known(names):
    bodies = [
        (path, json.dumps(body).encode())
        for path in BODIES
        for body in (*BODIES[path], *WRONG_BODIES[path])
    ]
    for name in names:
        for path, body in bodies:
            yield _written(name, "POST", path, {}, body)
    for path, bodies in TRAINING_BODIES.items():
        for body in bodies:
            yield _written(TRAINING, "POST", path, {}, json.dumps(body).encode())
            yield _written("ngram", "POST", path, {}, json.dumps(body).encode())
    yield _written("ngram", "POST", "/v1/completions", {}, b" " * (LIMITS.body_bytes + 1))
    yield _written("ngram", "POST", "/v1/completions", {}, b'{"prompt": "a", "prompt": "b"}')
    yield _written("busy", "POST", "/v1/completions", {}, b"{}")
    for path in PATHS:
        yield _written("ngram", "GET", path, {}, b"")
    for headers in WRONG_HEADERS:
        for method in ("GET", "OPTIONS"):
            yield _written("guarded", method, "/v1/models", headers, b"")


def _written(name, method, path, headers, body):
    return json.dumps([name, method, path, headers]).encode() + b"\n" + body


def _ask(content: bytes, folder: Path) -> None:
    first, _, body = content.partition(b"\n")
    name, method, path, headers = json.loads(first)
    client = clients()[name]
    present = desk().present
    if name == TRAINING and present is not None:
        body = body.replace(JOB.encode(), present.id.encode())
    answer = client.request(method, path, headers=headers, content=body)
    assert answer.status_code in ANSWERED, (answer.status_code, answer.text)
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.json()["error"]["message"].strip()
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        *_, last = answer.text.strip().split("\n\n")
        assert last == "data: [DONE]" or json.loads(last.removeprefix("data: "))["error"]
