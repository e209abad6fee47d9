"""What is typed in a session, and the files that sessions are saved in."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from mutation import nearly_bytes, nearly_tree, texts
from overlapping import session_of
from small_models import mlp_path, ngram, ngram_path, overlapping, told_path
from target import Target

from tokgen.errors import RequestError
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.session.commands import COMMANDS, COMMANDS_WITHOUT_FILES
from tokgen.session.events import Refused
from tokgen.session.events_json import event_as_json
from tokgen.session.file import load_session, save_session
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint, LacksPluginError
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose

USUAL = [
    ":mark a",
    ":go a",
    ":back",
    ":back 2",
    ":forward",
    "\\:a",
    ":nosuch",
    ":save s.json",
    ":load s.json",
    ":pick 1",
    ":tree 2 2",
    ":go 2",
    ":go 99",
    ":marks",
    ":run",
    ":help pick",
    ":help nosuch",
    ":temp",
    ":temp 0.5 2",
    ":seed 5",
    ":seed",
    ":force a",
    ":force na",
    ":top 2 suffix=na",
    ":names 2",
    ":analyze",
    ":score",
    ":compare mlp",
    ":all",
    ":sort alphabet",
    ":sort",
]

CONVERSATIONS = (
    [*USUAL],
    ["ba", "", ":mark here", ":go here", ":mark 1", ":pick 99", ":pick 1", ":tree 9 9", ":back 99"],
    ["\0", "\\:a", "\\\\:a", ":names 200", ":names 3 suffix=na", ":names nosuch", ":names 5 5"],
    [":corpus nosuch", ":corpus indian-names", ":corpus ~/nosuch", ":corpus", ":checkpoint ~/no"],
    ["la", ":compare other", ":model other", "sh", ":model mlp", ":compare mlp", ":compare"],
    ["s", ":score", ":score la", "", ":why", ":tree", ":go 1", ":sort alphabet", ":all", ":all"],
    ["ba", ":save s.json", ":model other", ":save t.json", ":load s.json", ":load t.json"],
    [":embeddings", ":embeddings both", ":embeddings table", ":embeddings near a"],
    [":embeddings a:e::k", ":embeddings nosuch", ":top 2 suffix=NA"],
    [":names 3 min-logprob=-9", ":compare other", ":temp 2", ":compare other"],
    [":seed x", ":chain top_k:k=3", ":chain", ":temp x", ":analyze length=3", ":top 3 novel"],
    ["ba", ":pick 1", ":back", ":forward", ":tree 2 2 2", ":unit", ":unit bits", ":unit usual"],
    [
        ":step",
        ":run now",
        ":unit nosuch",
        "",
        ":step",
        ":step ba lr=0.1",
        ":loss",
        ":loss ba",
        ":help",
        ":help export",
    ],
    [":chain greedy top_k:k=3", ":compare mlp", ":chain top_k k=3", ":chain none", ":chain"],
    [":given", ":given colour=red", ":given", ":given unknown", ":given colour=nosuch"],
    ["BA", ":names 2 suffix=NA", ":given nosuch=red", ":given colour=red kind=x"],
    [
        ":corpus table",
        ":corpus table column=word",
        ":checkpoint lacking",
        ":checkpoint lacking file",
    ],
    [":model changing", ":save s.json", ":load s.json", ":forward"],
    ["xyz", "LA", "e\u0301", "x" * 5000, "lalalalalalalalalalalalalalashshshsh"],
)
# What takes seconds with a network is tried with the n-gram alone.
OF_THE_NGRAM = [":top 3 quality=0.5", ":names 2 quality=0.5"]

# Where these are not bounded, a line may rightly ask for hours.
numbers = st.integers(-3, 30).map(str)
arguments = st.one_of(
    numbers,
    st.text("abdmna-", max_size=6),
    st.sampled_from(["5 length=4..6", "3 unique novel", "pattern=?a*", "temperature:t=2", "2 3"]),
    st.sampled_from(["probability", "alphabet", "indian-names", "mlp", "0.5 1 2", "inf", "nan"]),
    texts,
)
lines = st.one_of(
    st.just(""),
    st.text("abdmna", max_size=4),
    texts,
    st.builds(lambda name, rest: f":{name} {rest}", st.sampled_from(sorted(COMMANDS)), arguments),
    st.sampled_from(sorted(COMMANDS)).map(lambda name: f":{name}"),
    st.sampled_from(USUAL),
)


# A session that has files, one over HTTP, and one whose tokens overlap, by its first line.
KINDS = {
    "files": COMMANDS,
    "network": COMMANDS,
    "told": COMMANDS,
    "http": COMMANDS_WITHOUT_FILES,
    "overlapping": COMMANDS,
}


# The checkpoints of a model that is trained again between one opening and the next.
LEARNING_ANEW = itertools.cycle(
    TextModel(Checkpoint.load(path())) for path in (ngram_path, mlp_path)
)


def session(kind="files") -> Session:
    if kind == "overlapping":
        return session_of(overlapping(), SamplerChain())
    path = {"network": mlp_path, "told": told_path}.get(kind, ngram_path)()
    request = ModelRequest(checkpoint=str(path))
    model = TextModel(Checkpoint.load(path)) if kind in ("network", "told") else ngram()
    return Session(State(model, Settings(seed=1), request, _opened), KINDS[kind])


# Checkpoints whose plugin is not there: it came from a distribution, or from a file.
LACKING = {"lacking": None, "lacking file": "plugin"}


def _opened(request: ModelRequest) -> TextModel:
    if request.checkpoint in LACKING:
        raise LacksPluginError("A plugin is not there.", field=LACKING[request.checkpoint])
    if request.corpus == "table" and request.column is None:
        raise RequestError("Its columns are many.", field="column")
    if request.checkpoint is not None:
        return TextModel(choose(request).checkpoint)
    if request.model == "changing":
        return next(LEARNING_ANEW)
    # Another corpus may mean a training.
    return overlapping() if request.model == "other" else ngram()


def repl_line():
    """Lines of a session, one after the other."""
    typed = st.tuples(st.sampled_from(sorted(KINDS)), st.lists(lines, min_size=1, max_size=12))
    return Target(
        typed.map(lambda said: "\n".join([said[0], *said[1]]).encode("utf-8", "replace")),
        _type,
        (
            "tokgen/session/session.py",
            "tokgen/session/state.py",
            "tokgen/session/commands/__init__.py",
            "tokgen/session/commands/command.py",
            "tokgen/session/commands/inspecting.py",
            "tokgen/session/commands/moving.py",
            "tokgen/session/commands/opening.py",
            "tokgen/session/commands/settings.py",
        ),
        tuple("\n".join(said).encode() for said in _known()),
    )


def _known():
    yield ["files", *OF_THE_NGRAM]
    for kind in KINDS:
        yield from ([kind, *said] for said in CONVERSATIONS)


def _type(content: bytes, folder: Path) -> None:
    kind, *typed = content.decode().split("\n")
    typing = session(kind)
    for line in typed:
        for event in typing.handle(line):
            json.dumps(event_as_json(event))
            assert not (isinstance(event, Refused) and "failed: " in event.text), event.text


def session_file():
    """A file that `:load` names, and a session that goes on from it."""
    typing = session()
    for line in ["ba", "", "", ":mark here", ":back", ":chain top_k:k=5 temperature:t=2", ""]:
        list(typing.handle(line))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.json"
        save_session(typing.state, path)
        content = path.read_bytes()
    trees = nearly_tree([json.loads(content)]).map(lambda tree: json.dumps(tree).encode())
    tree = json.loads(content)
    unknown = [place | {"drawn": [999]} for place in tree["places"]]
    forged = (
        tree | {"here": 99},
        tree | {"marks": {"a": 99}},
        tree | {"places": []},
        tree | {"places": unknown},
    )
    return Target(
        st.one_of(nearly_bytes([content]), trees),
        _load,
        ("tokgen/session/file.py",),
        tuple(json.dumps(each).encode() for each in forged),
    )


def _load(content: bytes, folder: Path) -> None:
    path = folder / "session.json"
    path.write_bytes(content)
    loaded = session()
    load_session(loaded.state, path)
    for line in ["", ":back", ":save again.json", ":load again.json", ":tree 2 2", ":go 1"]:
        for event in loaded.handle(line):
            assert not (isinstance(event, Refused) and "failed: " in event.text), event.text
