"""lm-evaluation-harness itself, as `local-completions`: its figures are those of `score`."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.clients

DOCUMENTS = [("lak", "shmi"), ("s", "ri"), ("ab", "id")]
TASKS = {
    "loglikelihood": {"doc_to_text": "{{context}}", "doc_to_target": "{{target}}"},
    "loglikelihood_rolling": {"doc_to_text": "", "doc_to_target": "{{context}}{{target}}"},
    "generate_until": {
        "doc_to_text": "{{context}}",
        "doc_to_target": "{{target}}",
        "generation_kwargs": {"until": ["-"], "max_gen_toks": 60, "temperature": 0},
    },
}
METRICS = {
    "loglikelihood": "perplexity",
    "loglikelihood_rolling": "word_perplexity",
    "generate_until": "exact_match",
}


@pytest.fixture(scope="module")
def answers(address, tmp_path_factory):
    """By task, what the harness was answered for each document."""
    folder = tmp_path_factory.mktemp("harness")
    rows = folder / "names.jsonl"
    pairs = ({"context": context, "target": target} for context, target in DOCUMENTS)
    rows.write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    for kind, told in TASKS.items():
        task = {
            "task": kind,
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(rows)}},
            "test_split": "test",
            "output_type": kind,
            "target_delimiter": "",
            "metric_list": [{"metric": METRICS[kind]}],
            **told,
        }
        (folder / f"{kind}.yaml").write_text(json.dumps(task))
    _run(folder, address)
    found = {kind: next(folder.rglob(f"samples_{kind}_2*.jsonl")) for kind in TASKS}
    return {
        kind: [json.loads(line)["filtered_resps"][0] for line in path.read_text().splitlines()]
        for kind, path in found.items()
    }


def _run(folder, address):
    model = {
        "model": "indian-names/mlp",
        "base_url": f"{address}/completions",
        "tokenizer_backend": "remote",
        "num_concurrent": 2,
        "max_retries": 1,
        "auth_token": "T",
    }
    written = ",".join(f"{key}={value}" for key, value in model.items())
    command = [sys.executable, "-m", "lm_eval", "--model", "local-completions"]
    command += ["--model_args", written, "--include_path", str(folder), "--tasks", ",".join(TASKS)]
    command += ["--log_samples", "--output_path", str(folder / "out")]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(folder / "hf")}
    environment = {**os.environ, **offline, "OPENAI_API_KEY": "T"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]


def test_loglikelihoods_are_those_of_score(answers, names):
    for (context, target), (logprob, _) in zip(DOCUMENTS, answers["loglikelihood"], strict=True):
        scored = names.score(context + target).logprobs[len(context) : -1]
        assert float(logprob) == pytest.approx(sum(scored), abs=1e-6)


def test_rolling_sums_are_those_of_score_without_the_terminator(answers, names):
    for pair, summed in zip(DOCUMENTS, answers["loglikelihood_rolling"], strict=True):
        scored = names.score("".join(pair)).logprobs[:-1]
        assert float(summed) == pytest.approx(sum(scored), abs=1e-6)


def test_what_is_generated_is_the_greedy_document(answers, names):
    for (context, _), text in zip(DOCUMENTS, answers["generate_until"], strict=True):
        (document,) = names.generate(1, prefix=context, samplers=["greedy"])
        assert context + text == document.text
