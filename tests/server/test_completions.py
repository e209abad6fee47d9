"""Completions are the documents of `generate`, and their log-probabilities those of `score`."""

from __future__ import annotations

import math

import pytest
from overlapping import MODELS, table_model, text_model
from small_tokenizers import WITHOUT_PIECES

WITHOUT = text_model(table_model(WITHOUT_PIECES, 2), WITHOUT_PIECES)
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
XTC = "xtc:threshold=0.1,probability=0.5"
BIAS = 'logit_bias:{"bias": {"a": 3, "-": -4}}'
SEEDS = range(8)


def finished(model, prefix, seed, count=1, **asked):
    documents = list(model.generate(count, prefix=prefix, seed=seed, **asked))
    return documents if all(each.finished for each in documents) else []


@every_model
@pytest.mark.parametrize("prompt", ["", "lash", "a"])
def test_the_text_is_that_of_generate(model, prompt, serving):
    ask, compared = serving(model), 0
    for seed in SEEDS:
        for document in finished(model, prompt, seed):
            (choice,) = ask.choices(prompt=prompt, seed=seed, max_tokens=100)
            assert prompt + choice["text"] == document.text
            assert choice["finish_reason"] == "stop"
            compared += 1
    assert compared >= 4


@every_model
def test_with_echo_the_logprobs_sum_to_the_documents(model, serving):
    ask = serving(model)
    for seed in SEEDS:
        for document in finished(model, "lash", seed):
            (choice,) = ask.choices(prompt="lash", seed=seed, max_tokens=100, echo=True, logprobs=0)
            told = choice["logprobs"]
            assert choice["text"] == document.text
            assert sum(told["token_logprobs"]) == pytest.approx(document.logprob)
            spelt = [model.tokenizer.symbols[token] for token in document.ids]
            assert told["tokens"][:-1] == spelt
            for symbol, offset in zip(spelt, told["text_offset"], strict=False):
                assert choice["text"].startswith(symbol, offset)


@every_model
def test_several_choices_are_the_first_documents(model, serving):
    ask = serving(model)
    for seed in range(6):
        for number, document in enumerate(finished(model, "la", seed, 3)):
            choices = ask.choices(prompt=["a", "la"], seed=seed, max_tokens=100, n=3)
            assert [choice["index"] for choice in choices] == list(range(6))
            assert "la" + choices[3 + number]["text"] == document.text


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"temperature": 0}, {"temperature": 0}),
        ({"temperature": 1.7, "top_k": 5}, {"temperature": 1.7, "top_k": 5}),
        ({"top_p": 0.7, "min_p": 0.02}, {"top_p": 0.7, "min_p": 0.02}),
        ({"top_p": 1, "top_k": -1, "min_p": 0, "temperature": None}, {}),
        ({"samplers": [XTC]}, {"samplers": XTC}),
        ({"repetition_penalty": 1.4}, {"samplers": "repetition_penalty:penalty=1.4"}),
        (
            {"frequency_penalty": 0.5, "presence_penalty": 1.5, "temperature": 2},
            {
                "samplers": ["frequency_penalty:penalty=0.5", "presence_penalty:penalty=1.5"],
                "temperature": 2,
            },
        ),
        ({"logit_bias": {"0": 3, "26": -4}}, {"samplers": BIAS}),
        ({"min_tokens": 7}, {"samplers": "min_length:n=7"}),
    ],
)  # fmt: skip
def test_samplers_are_those_of_the_command_line(body, asked, ask, names):
    for seed in range(4):
        (document,) = names.generate(1, prefix="sh", seed=seed, **asked)
        (choice,) = ask.choices(prompt="sh", seed=seed, max_tokens=62, **body)
        assert "sh" + choice["text"] == document.text


def test_a_whole_document_is_scored_as_score_does(ask, names):
    score = names.score("lakshmi")
    ids = names.tokenizer.encode("lakshmi")
    for prompt, count in (("lakshmi", 7), (ids, 7), ([*ids, 26], 8), ([[26, *ids, 26]], 9)):
        answer = ask.completion(prompt=prompt, max_tokens=0, echo=True, logprobs=-1)
        (choice,) = answer["choices"]
        told = choice["logprobs"]
        marked = count == 9
        assert told["token_logprobs"][marked:] == list(score.logprobs)[: count - marked]
        assert told["tokens"][marked:] == list(score.tokens)[: count - marked]
        for top, logprob in zip(told["top_logprobs"], told["token_logprobs"], strict=True):
            assert (top is None) == (logprob is None)
            if top is not None:
                assert len(top) == 27
                assert math.fsum(map(math.exp, top.values())) == pytest.approx(1)
        assert (choice["text"], choice["finish_reason"]) == ("lakshmi", "length")
        assert answer["usage"] == {
            "prompt_tokens": count, "completion_tokens": 0, "total_tokens": count
        }  # fmt: skip


def test_tokens_are_counted_as_openai_counts_them(ask, names):
    (document,) = names.generate(1, prefix="sh", seed=5)
    for most in range(1, 10):
        answer = ask.completion(prompt="sh", seed=5, max_tokens=most, logprobs=3)
        (choice,) = answer["choices"]
        whole = most > len(document.text) - 2
        assert choice["text"] == document.text[2 : 2 + most]
        assert choice["finish_reason"] == ("stop" if whole else "length")
        drawn = min(most, len(document.text) - 2 + 1)
        assert answer["usage"]["completion_tokens"] == drawn
        told = choice["logprobs"]
        assert {len(each) for each in told.values()} == {drawn}
        assert told["text_offset"] == [2 + number for number in range(drawn)]
        assert all(3 <= len(top) <= 4 for top in told["top_logprobs"])
    assert ask.choices(prompt="sh", seed=5)[0]["text"] == document.text[2:18]
    assert ask.choices(prompt="sh", max_tokens=0)[0]["text"] == ""


def test_without_pieces_the_text_comes_at_the_end(serving):
    ask = serving(WITHOUT)
    for seed in SEEDS:
        for document in finished(WITHOUT, "ab", seed):
            (choice,) = ask.choices(prompt="ab", seed=seed, max_tokens=100, logprobs=0)
            assert "ab" + choice["text"] == document.text
            assert choice["logprobs"]["tokens"][:-1] == [
                WITHOUT.tokenizer.symbols[token] for token in document.ids[2:]
            ]


@every_model
@pytest.mark.parametrize("stop", ["s", ["esh", "sl"], ["mm", "a"], "shes"])
def test_a_stop_cuts_the_text_before_its_first_place(model, stop, serving):
    ask, stops, cut = serving(model), [stop] if isinstance(stop, str) else stop, 0
    for seed in range(12):
        body = {"prompt": "la", "seed": seed, "max_tokens": 30}
        (whole,) = ask.choices(**body)
        places = [whole["text"].find(each) for each in stops if each in whole["text"]]
        (choice,) = ask.choices(**body, stop=stop, logprobs=0)
        at = min(places, default=len(whole["text"]))
        assert choice["text"] == whole["text"][:at]
        assert choice["stop_reason"] in (stops if places else [None])
        cut += bool(places)
        if places:
            assert all(offset < 2 + at for offset in choice["logprobs"]["text_offset"])
    assert cut >= 1


def test_a_stop_token_is_listed_and_spells_nothing(ask, names):
    (document,) = names.generate(1, prefix="", seed=2)
    last = names.tokenizer.encode(document.text[3])[0]
    (choice,) = ask.choices(
        prompt="", seed=2, stop_token_ids=[last], min_tokens=0, return_token_ids=True
    )
    at = document.text.index(document.text[3])
    assert choice["text"] == document.text[:at]
    assert choice["token_ids"] == list(document.ids[: at + 1])
    assert (choice["finish_reason"], choice["stop_reason"]) == ("stop", last)
    assert choice["prompt_token_ids"] == []


BODIES = [
    {"prompt": "la", "n": 3},
    {"prompt": ["la", "sh"], "echo": True, "logprobs": 2, "n": 2},
    {"prompt": "", "stop": ["es", "sh", "ll"], "logprobs": 0, "n": 4},
    {"prompt": "la", "return_token_ids": True, "echo": True, "logprobs": 1},
    {"prompt": "la", "max_tokens": 0, "echo": True, "logprobs": 1},
    {"prompt": "la", "conditions": {"length": "3..6"}, "logprobs": 1, "n": 2},
]


@every_model
@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_stream_is_the_whole_answer_in_parts(model, body, serving):
    ask = serving(model)
    asked = {"max_tokens": 20, **body, "seed": 4}
    answer = ask.completion(**asked)
    *events, usage = ask.stream(**asked, stream_options={"include_usage": True})
    assert usage["choices"] == []
    assert usage["usage"] == answer["usage"]
    for whole in answer["choices"]:
        parts = [
            event["choices"][0]
            for event in events
            if event["choices"][0]["index"] == whole["index"]
        ]
        assert "".join(part["text"] for part in parts) == whole["text"]
        assert [part["finish_reason"] for part in parts[:-1]] == [None] * (len(parts) - 1)
        assert parts[-1]["finish_reason"] == whole["finish_reason"]
        for key, listed in (whole["logprobs"] or {}).items():
            assert [each for part in parts for each in part["logprobs"][key]] == listed
        if "token_ids" in whole:
            assert [each for part in parts for each in part["token_ids"]] == whole["token_ids"]
    heads = {(event["id"], event["object"], event["seed"]) for event in [*events, usage]}
    assert len(heads) == 1
    assert "usage" not in ask.stream(**asked)[-1]


def test_a_stream_comes_token_by_token(ask, names):
    (document,) = names.generate(1, prefix="sh", seed=7)
    events = ask.stream(prompt="sh", seed=7, max_tokens=60)
    assert [event["choices"][0]["text"] for event in events] == [*document.text[2:], ""]


def test_the_best_of_several_have_the_highest_logprob_a_token(ask):
    body = {"prompt": "sh", "seed": 3, "logprobs": 0, "max_tokens": 30}

    def mean(choice):
        logprobs = choice["logprobs"]["token_logprobs"]
        return sum(logprobs) / len(logprobs)

    made = ask.choices(**body, n=8)
    best = ask.completion(**body, n=3, best_of=8)
    expected = sorted(made, key=mean, reverse=True)[:3]
    assert [each["text"] for each in best["choices"]] == [each["text"] for each in expected]
    assert [each["index"] for each in best["choices"]] == [0, 1, 2]
    drawn = sum(len(each["logprobs"]["tokens"]) for each in made)
    assert best["usage"]["completion_tokens"] == drawn


def test_prompt_logprobs_have_the_shape_of_vllm(ask, names):
    (choice,) = ask.choices(prompt=[26, 0, 1], max_tokens=1, prompt_logprobs=2)
    first, of_a, of_b = choice["prompt_logprobs"]
    score = names.score("ab")
    assert first is None
    assert of_a["0"]["logprob"] == score.logprobs[0]
    assert of_b["1"]["logprob"] == score.logprobs[1]
    assert of_b["1"]["decoded_token"] == "b"
    for entry in (of_a, of_b):
        ranks = sorted(each["rank"] for each in entry.values())
        assert ranks[:2] == [1, 2]
        best = max(entry.values(), key=lambda each: each["logprob"])
        assert best["rank"] == 1


def test_without_a_seed_the_answer_tells_the_one_that_was_drawn(ask):
    answer = ask.completion(prompt="sh", n=4)
    again = ask.completion(prompt="sh", n=4, seed=answer["seed"])
    assert again["choices"] == answer["choices"]
