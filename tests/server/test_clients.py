"""What real clients send, and what they read of the answers, as it was observed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import openai
import pytest

END = 26


@pytest.mark.parametrize("text", ["lakshmi", "sri", "aa"])
@pytest.mark.parametrize("context", [0, 1, 2])
def test_a_harness_reads_loglikelihoods(text, context, ask, names):
    """lm-evaluation-harness' `local-completions`: what it sends, and how it sums."""
    ids = ask.client.post("/tokenize", json={"prompt": text, "add_special_tokens": False}).json()
    sent, begun = (ids["tokens"], context) if context else ([END, *ids["tokens"]], 1)
    (choice,) = ask.choices(
        model="indian-names/mlp",
        prompt=[sent],
        temperature=0,
        max_tokens=1,
        logprobs=1,
        seed=1234,
        echo=True,
    )
    told = choice["logprobs"]
    summed = sum(told["token_logprobs"][begun:-1])
    greedy = all(
        logprob == max(top.values())
        for logprob, top in zip(
            told["token_logprobs"][begun:-1], told["top_logprobs"][begun:-1], strict=True
        )
    )
    score = names.score(text)
    assert summed == pytest.approx(sum(score.logprobs[context:-1]), abs=1e-12)
    likeliest = True
    for place in range(context, len(text)):
        shown = names.next(text[:place])
        likeliest &= shown.symbols[shown.probs.argmax()] == text[place]
    assert greedy is likeliest


def test_a_harness_finds_the_end_by_its_symbol(ask):
    info = ask.client.get("/tokenizer_info").json()
    assert (info["eos_token"], info["eos_token_id"]) == ("-", END)
    ids = ask.client.post("/tokenize", json={"prompt": info["eos_token"]}).json()["tokens"]
    assert ids == [END]
    (text,) = {ask.client.post("/detokenize", json={"tokens": ids}).json()["prompt"]}
    choices = ask.choices(
        model="indian-names/mlp", prompt=[[18, 7]], max_tokens=64, temperature=0, stop=[text, "zz"],
        seed=1234,
    )  # fmt: skip
    assert choices[0]["finish_reason"] == "stop"


@pytest.fixture
def client(address):
    with openai.OpenAI(base_url=address, api_key="T", max_retries=0) as client:
        yield client


def test_the_client_of_openai_reads_completions(client, names):
    (model,) = client.models.list().data
    assert client.models.retrieve(model.id).id == "indian-names/mlp"
    done = client.completions.create(
        model=model.id, prompt="sha", seed=1, max_tokens=60, n=2, logprobs=5
    )
    documents = names.generate(2, prefix="sha", seed=1)
    assert ["sha" + choice.text for choice in done.choices] == [each.text for each in documents]
    first = done.choices[0]
    assert (first.finish_reason, first.logprobs.tokens[-1]) == ("stop", "-")
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens


def test_the_client_of_openai_reads_streams(client, names):
    events = client.completions.create(
        model="indian-names/mlp",
        prompt="sha",
        seed=4,
        max_tokens=60,
        stream=True,
        stream_options={"include_usage": True},
        extra_body={"samplers": ["top_k:k=5"]},
    )
    *parts, usage = events
    (document,) = names.generate(1, prefix="sha", seed=4, top_k=5)
    assert "sha" + "".join(part.choices[0].text for part in parts) == document.text
    assert usage.usage.completion_tokens == len(document.text) - 3 + 1


def test_the_client_of_openai_knows_the_errors(client, address):
    model = "indian-names/mlp"
    with pytest.raises(openai.BadRequestError, match="Character 'Q' at position 1"):
        client.completions.create(model=model, prompt="Qq")
    with pytest.raises(openai.NotFoundError) as found:
        client.completions.create(model="gpt-4", prompt="a")
    assert (found.value.param, found.value.code) == ("model", "model_not_found")
    with pytest.raises(openai.UnprocessableEntityError):
        client.completions.create(model=model, prompt="a", temperature=-1)
    with (
        openai.OpenAI(base_url=address, api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()


@pytest.fixture
def llm(address, tmp_path):
    """The command `llm` with the file that its documentation asks for."""
    model = {
        "model_id": "names",
        "model_name": "indian-names/mlp",
        "api_base": address,
        "api_key_name": "tokgen",
        "completion": True,
    }
    (tmp_path / "extra-openai-models.yaml").write_text(json.dumps([model]))

    def run(*arguments):
        command = [sys.executable, "-m", "llm", *arguments]
        environment = {**os.environ, "LLM_USER_PATH": str(tmp_path)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


ASKED = ("-m", "names", "sha", "-o", "seed", "4", "-o", "max_tokens", "60", "--key", "T")


@pytest.mark.parametrize("more", [(), ("--no-stream",)])
def test_llm_reads_completions(llm, names, more):
    (document,) = names.generate(1, prefix="sha", seed=4)
    assert "sha" + llm(*ASKED, *more).rstrip("\n") == document.text


def test_llm_keeps_the_logprobs(llm, names):
    llm(*ASKED, "-o", "logprobs", "3", "--no-stream")
    (logged,) = json.loads(llm("logs", "--json", "-n", "1"))
    told = logged["response_json"]["choices"][0]["logprobs"]
    (document,) = names.generate(1, prefix="sha", seed=4)
    score = names.score(document.text)
    assert told["tokens"] == list(score.tokens[3:])
    assert told["token_logprobs"] == pytest.approx(list(score.logprobs[3:]))
    assert all(len(top) in (3, 4) for top in told["top_logprobs"])


def test_a_client_that_goes_away_ends_the_work(client, monkeypatch):
    from tokgen.server.choices import Choice

    drawn, add = [], Choice.add

    def slowly(self, token, row):
        drawn.append(token)
        time.sleep(0.03)
        return add(self, token, row)

    monkeypatch.setattr(Choice, "add", slowly)
    events = client.completions.create(
        model="indian-names/mlp", prompt="", max_tokens=2000, stream=True,
        logit_bias={str(END): -100},
    )  # fmt: skip
    next(iter(events))
    events.close()
    time.sleep(0.5)
    count = len(drawn)
    time.sleep(0.5)
    assert len(drawn) == count < 1000
