"""Requests are grown together, and none notices another: not its draws, failure or departure."""

from __future__ import annotations

import itertools
import json

import anyio
import numpy as np
import pytest
from models import TableModel
from overlapping import MODELS, text_model
from small_tokenizers import PieceTokenizer
from tied import tied

from tokgen.errors import PluginError
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.plugin_api import Sampler
from tokgen.plugin_api.decoder import RecomputingDecoder
from tokgen.server.bodies import CompletionBody
from tokgen.server.lanes import Lane, Lanes
from tokgen.server.limits import Limits
from tokgen.server.served_model import ServedModel
from tokgen.server.understanding import understood
from tokgen.server.working import Workers

WHOLE = 30
WORKERS = Workers(Limits(threads=2))


def asked(model, **body):
    """A request, understood."""
    read = CompletionBody.model_validate_json(json.dumps({"max_tokens": WHOLE, **body}))
    return understood(ServedModel(model), read)


async def text_of(grown):
    """The text of each choice."""
    texts = {}
    async for batch in grown:
        for delta in batch:
            texts[delta.number] = texts.get(delta.number, "") + delta.text
    return texts


def together(requests):
    """The text of each request when all of them come at once."""
    texts = [None] * len(requests)

    async def one(lanes, number, request):
        texts[number] = await text_of(lanes.grown(request))

    async def everyone():
        lanes = Lanes(WORKERS)
        async with anyio.create_task_group() as group:
            for number, request in enumerate(requests):
                group.start_soon(one, lanes, number, request)
        assert not lanes._lanes

    anyio.run(everyone)
    return texts


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_what_a_request_draws_is_its_own(model):
    bodies = [
        {"prompt": prompt, "seed": seed, "n": n, "samplers": samplers}
        for seed, prompt in enumerate(["", [0], [4, 2], [8]] * 4)
        for n, samplers in [(1, []), (3, ["top_k:k=4"])]
    ]
    requests = [asked(model, **body) for body in bodies]
    assert all(request.streams() for request in requests)
    assert together(requests) == [together([request])[0] for request in requests]


@pytest.mark.parametrize("family", ["mlp", "gru"])
def test_tied_tokens_are_kept_by_their_ids_in_every_lane(family):
    model = tied(family)
    chains = [["top_k:k=3"], ["top_p:p=0.27"], ["temperature:t=2", "top_k:k=4"]]
    bodies = [
        {"prompt": prompt, "seed": seed, "n": n, "samplers": samplers}
        for seed, prompt in enumerate(["", "a", "shal", "zzzz"] * 2)
        for n, samplers in itertools.product([1, 40], chains)
    ]
    requests = [asked(model, **body) for body in bodies]
    drawn = together(requests)
    assert drawn == [together([request])[0] for request in requests]
    for body, texts in zip(bodies, drawn, strict=True):
        assert set("".join(texts.values())) <= set(
            "abc" if "top_k:k=4" in body["samplers"] else "ab"
        )


class Failing(Sampler):
    """Fails where b is the most probable token."""

    def apply(self, logprobs, context):
        if (logprobs.argmax(axis=1) == 1).any():
            raise ValueError("no b here")
        return logprobs


def test_a_failure_ends_the_request_that_fails_alone():
    tokenizer = PieceTokenizer([b"a", b"b"])
    # After an a comes an a or the end; after the beginning, most likely a b.
    weights = np.array([[0.8, 0.0, 0.2], [0.8, 0.0, 0.2], [0.1, 0.8, 0.1]])
    model = text_model(TableModel.of_weights(weights, 1, tokenizer.vocabulary), tokenizer)
    chain = SamplerChain((ChainedSampler("failing", Failing(Failing.Options())),))
    good, bad = (asked(model, prompt=prompt, seed=1) for prompt in ([0], ""))
    said, failed = [], []

    async def take(lane, request, into):
        try:
            into.append(await text_of(lane.grown(request.streams(), WORKERS)))
        except PluginError as error:
            into.append(str(error.__cause__ or error))

    async def everyone():
        lane = Lane(model.model, chain)
        async with anyio.create_task_group() as group:
            group.start_soon(take, lane, good, said)
            group.start_soon(take, lane, bad, failed)
        assert lane.is_empty

    anyio.run(everyone)
    assert said == together([good])
    assert "no b here" in failed[0]


class RefusesB(TableModel):
    """Reads no prompt that begins with b."""

    def decoder(self, prefixes):
        return RefusingDecoder(self, prefixes)


class RefusingDecoder(RecomputingDecoder):
    """Fails when such a prompt comes, at the start or later."""

    def __init__(self, model, prefixes):
        _refuse_b(prefixes)
        super().__init__(model, prefixes)

    def join(self, prefixes):
        _refuse_b(prefixes)
        super().join(prefixes)


def _refuse_b(prefixes):
    if (prefixes.ids[:, 0] == 1).any():
        raise ValueError("no b here")


def test_who_cannot_join_fails_alone_and_those_who_are_there_go_on():
    tokenizer = PieceTokenizer([b"a", b"b"])
    table = RefusesB.of_weights(np.ones((3, 3)), 1, tokenizer.vocabulary)
    model = text_model(table, tokenizer)
    # Longer than one turn lasts.
    long = {"samplers": ["min_length:n=1000"], "prompt": [0], "max_tokens": 1000}
    early, late = (asked(model, seed=seed, **long) for seed in (1, 2))
    bad = asked(model, prompt=[1], seed=3)
    said, failed = {}, []

    async def take(lane, request):
        try:
            said[request.seed] = await text_of(lane.grown(request.streams(), WORKERS))
        except ValueError as error:
            failed.append(str(error))

    async def everyone():
        lane = Lane(model.model, early.chain)
        grown = lane.grown(early.streams(), WORKERS)
        begun = await text_of_first(grown)
        assert len(begun) < 1000
        async with anyio.create_task_group() as group:
            for request in (bad, late):
                group.start_soon(take, lane, request)
        said[early.seed] = {0: begun + (await text_of(grown)).get(0, "")}

    anyio.run(everyone)
    assert failed == ["no b here"]
    assert [said[1], said[2]] == [together([request])[0] for request in (early, late)]


async def text_of_first(grown):
    """The text of the first batch of one choice."""
    return "".join(delta.text for delta in await anext(grown))


class OneAtATime(Sampler):
    """Fails where a batch has more than a row."""

    def apply(self, logprobs, context):
        if len(logprobs) > 1:
            raise ValueError("one at a time")
        return logprobs


def test_what_fails_together_alone_ends_all():
    model = MODELS["table"]
    chain = SamplerChain((ChainedSampler("one", OneAtATime(OneAtATime.Options())),))
    failed = []

    async def take(lane, request):
        with pytest.raises(PluginError) as raised:
            await text_of(lane.grown(request.streams(), WORKERS))
        failed.append(str(raised.value.__cause__))

    async def everyone():
        lane = Lane(model.model, chain)
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                for seed in (1, 2):
                    group.start_soon(take, lane, asked(model, prompt=[4, 0], seed=seed))
        assert lane.is_empty

    anyio.run(everyone)
    assert failed == ["one at a time"] * 2


def test_who_leaves_takes_its_choices_along():
    model = MODELS["table"]
    endless = asked(model, prompt=[4, 0], seed=3, n=4, samplers=["min_length:n=30"])
    stays = asked(model, prompt=[4, 0], seed=5, samplers=["min_length:n=30"])
    taken = []

    async def leaves(lane):
        grown = lane.grown(endless.streams(), WORKERS)
        async for _ in grown:
            break
        await grown.aclose()

    async def takes(lane):
        taken.append(await text_of(lane.grown(stays.streams(), WORKERS)))

    async def everyone():
        lane = Lane(model.model, endless.chain)
        async with anyio.create_task_group() as group:
            group.start_soon(leaves, lane)
            group.start_soon(takes, lane)
        assert lane.is_empty
        assert all(row.receiver.is_gone for row in lane._rows)

    anyio.run(everyone)
    assert taken == together([stays])


def test_more_than_fit_wait_for_their_turn(monkeypatch):
    monkeypatch.setattr("tokgen.server.lanes.GROWN_AT_ONCE", 3)
    model = MODELS["recurrent"]
    requests = [asked(model, prompt=[4, 0], seed=seed, n=2) for seed in range(7)]
    crowded = together(requests)
    monkeypatch.undo()
    assert crowded == [together([request])[0] for request in requests]
