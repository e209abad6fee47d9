"""For each option of each command: the value that is tried, and in which way it shows.

The arguments of a command stand as they are typed; what is in braces is a file that the tests make.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto


class Shows(Enum):
    """In which way an option shows, beside the same command without it."""

    output = auto()  # on standard output
    talk = auto()  # on standard error alone
    file = auto()  # a file named {out} is there, that was not there without it
    checkpoint = auto()  # what the checkpoint {made} says of itself, but for its losses
    refused = auto()  # exit code 2 and a sentence that names the value
    allowed = auto()  # what is refused without it


@dataclass(frozen=True)
class Tried:
    """The option as it is typed, and what stands beside it in both runs."""

    typed: str
    shows: Shows
    beside: str = ""


def _tried(shows: Shows, *typed: str, beside: str = "") -> dict[str, Tried]:
    """By the option's name, which each of these begins with."""
    return {each.split()[0]: Tried(each, shows, beside) for each in typed}


WORDS = "--corpus {words} --model ngram"
TOLD = "--checkpoint {told}"
JSON = _tried(Shows.output, "--json")
CORPUS = _tried(Shows.output, "--corpus {words}", beside="--model ngram") | _tried(
    Shows.allowed, "--column word", beside="--corpus {table} --model ngram"
)
MODEL = {
    **CORPUS,
    **_tried(Shows.output, "--model ngram", "--checkpoint {ngram}"),
    **_tried(Shows.output, "--where gender=f", beside="--model ngram"),
    **_tried(Shows.output, "--option order=2", beside=WORDS),
    **_tried(Shows.allowed, "--plugin {plugin}", beside="--corpus {words} --model flat"),
    **JSON,
}
SPEAKING = {
    **MODEL,
    **_tried(Shows.output, "--given colour=red", beside=TOLD),
}
# The same beside `--model mlp`, whose figures are exact and at once there.
SPEAKING_OF_MLP = {
    **SPEAKING,
    **_tried(Shows.output, "--checkpoint {ngram} --model ngram"),
    **_tried(Shows.output, "--given colour=red", beside=f"{TOLD} --model gru"),
}
# The same beside the n-gram of a few words, whose figures are exact and at once there.
SPEAKING_OF_WORDS = {
    **_tried(
        Shows.output,
        "--corpus {fewer}",
        "--model mlp -o steps=1 -o hidden=4 -o context=1",
        "--checkpoint {tiny} --model mlp",
        "--option order=2",
    ),
    **_tried(Shows.output, "--where colour=red", beside="--corpus {table} --column word"),
    **_tried(Shows.output, "--given colour=red", beside="--checkpoint {tiny_told} --model mlp"),
    **_tried(Shows.allowed, "--column word", beside="--corpus {table}"),
    **_tried(Shows.allowed, "--plugin {plugin}", beside="--model flat"),
    **JSON,
}
IN_NATS = _tried(Shows.output, "--unit nats")
IN_BITS = _tried(Shows.output, "--unit bits")
TRUNCATION = _tried(Shows.output, "--top-k 2", "--top-p 0.5", "--min-p 0.3", "--sampler top_k:k=2")
SAMPLING = {**TRUNCATION, **_tried(Shows.output, "--temp 0.3")}
CONDITIONS = _tried(
    Shows.output,
    "--length 4",
    "--pattern s*",
    "--suffix n",
    "--contains sh",
    "--exclude a",
    "--novel",
    "--novel-distance 1",
    "--min-logprob -12",
    "--quality 0.1",
)
CONDITIONS_ON_WORDS = _tried(
    Shows.output,
    "--length 5..8",
    "--pattern k*",
    "--suffix lna",
    "--contains al",
    "--exclude o",
    "--novel",
    "--novel-distance 1",
    "--min-logprob -4.45",
    "--quality 0.1",
)

ANSWERED = {  # What a command is given beside its options.
    "generate": "--seed 1 --model mlp",
    "next": "sha --model mlp",
    "top": WORDS,
    "analyze": WORDS,
    "score": "shabana",
    "loss": "shabana",
    "step": "shabana",
    "classify": "badana",
    "tree": "sha --model mlp",
    "train": "--corpus {words} --model ngram --output {made} --seed 1",
    "repl": "--seed 1",
    "serve": "--port 8008",
    "models show": "{kept}",
    "models remove": "",
    "plugins new": "sampler my-sampler",
}

TABLE: dict[str, dict[str, Tried]] = {
    "generate": {
        **{name: tried for name, tried in SPEAKING_OF_MLP.items() if name != "--json"},
        **SAMPLING,
        **CONDITIONS,
        **_tried(
            Shows.output,
            "--count 3",
            "--prefix ab",
            "--max-length 2",
            "--unique",
            "--format jsonl",
            "--seed 2",
        ),
        **_tried(Shows.refused, "--beam 3"),  # Beside a seed, of which nothing would follow.
        **_tried(Shows.talk, "--explain-plan"),
        **_tried(Shows.output, "--memory 4MiB", beside="--novel"),
        **_tried(Shows.output, "--sort alphabet", "--side-by-side"),
        **_tried(Shows.file, "--output {out}"),
    },
    "next": {
        **SPEAKING_OF_MLP,
        **IN_NATS,
        **TRUNCATION,
        **_tried(Shows.output, "--temp 0.3", "--sort alphabet", "--rows 2", "--explain"),
        **_tried(Shows.file, "--plot {out}.svg"),
    },
    "loss": {**SPEAKING, **IN_BITS},
    "step": {
        **IN_BITS,
        **_tried(Shows.output, "--lr 0.3", "--rows 2", "--json"),
        **_tried(Shows.output, "--checkpoint {mlp}", "--model gru"),
        **_tried(Shows.output, "--corpus {words}", beside="--model mlp -o steps=20"),
        **_tried(
            Shows.output,
            "--where gender=f",
            "--option hidden=8",
            beside="--model mlp -o steps=20",
        ),
        **_tried(
            Shows.allowed,
            "--plugin {plugin}",
            beside="--corpus {words} --model flat_net -o steps=20",
        ),
        **_tried(Shows.allowed, "--column word", beside="--corpus {table} --model mlp -o steps=20"),
        **_tried(Shows.refused, "--given colour=red"),
    },
    "classify": {
        **_tried(Shows.output, "--rows 1", "--json", "--given colour=red", beside=TOLD),
        **_tried(Shows.output, TOLD),
        **_tried(Shows.refused, "--corpus nosuch", "--column nosuch", beside=TOLD),
        **_tried(Shows.refused, "--model ngram", "--option order=2", beside=TOLD),
        **_tried(Shows.refused, "--where gender=f", "--plugin {missing}", beside=TOLD),
    },
    "score": {**SPEAKING, **IN_NATS, **_tried(Shows.output, "--input {words}")},
    "top": {
        **SPEAKING_OF_WORDS,
        **IN_BITS,
        **SAMPLING,
        **CONDITIONS_ON_WORDS,
        **_tried(Shows.output, "--count 3", "--prefix ba"),
        **_tried(Shows.output, "--format jsonl", "--sort alphabet", "--side-by-side"),
        **_tried(Shows.file, "--output {out}"),
        **_tried(Shows.refused, "--memory 1KiB"),
    },
    "analyze": {
        **SPEAKING_OF_WORDS,
        **IN_NATS,
        **SAMPLING,
        **CONDITIONS_ON_WORDS,
        **_tried(Shows.output, "--prefix ba", "--against {tiny}", "--positions"),
        **_tried(Shows.refused, "--memory 1KiB"),
    },
    "tree": {
        **SPEAKING_OF_MLP,
        **SAMPLING,
        **_tried(Shows.output, "--depth 1", "--width 1", "--format dot"),
        **_tried(Shows.file, "--plot {out}.svg"),
    },
    "embeddings": {
        **MODEL,
        **_tried(Shows.output, "--model gru", "--checkpoint {mlp}", "--near a", "--analogy a:e::k"),
        **_tried(Shows.output, "--corpus {words}", beside="--model mlp -o steps=20"),
        **_tried(
            Shows.output,
            "--where gender=f",
            "--option hidden=8",
            beside="--model mlp -o steps=20",
        ),
        **_tried(
            Shows.allowed,
            "--plugin {plugin}",
            beside="--corpus {words} --model flat_net -o steps=20",
        ),
        **_tried(Shows.allowed, "--column word", beside="--corpus {table} --model mlp -o steps=20"),
        **_tried(Shows.output, "--initial", "--both", "--table"),
        **_tried(Shows.file, "--plot {out}.svg"),
    },
    "examples": {
        **_tried(Shows.output, "--json", "--context 2", "--head 3", beside="badana"),
        **_tried(Shows.allowed, "--corpus {other}", beside="Alpha"),
        **_tried(Shows.refused, "--tokenizer nosuch", beside="badana"),
        **_tried(Shows.allowed, "--column word", beside="badana --corpus {table}"),
        **_tried(Shows.allowed, "--plugin {plugin}", beside="badana --tokenizer flat_letters"),
    },
    "train": {
        **_tried(Shows.output, "--json"),
        **IN_BITS,
        **_tried(
            Shows.checkpoint,
            "--corpus {other}",
            "--model mlp -o steps=1 -o hidden=4",
            "--option order=2",
            "--tokenizer alphabet",
            "--config {recipe}",
            "--deduplicate",
            "--refit",
            "--seed 2",
            "--device cpu",
        ),
        **_tried(Shows.checkpoint, "--from {mlp}", beside="--model mlp -o hidden=8 -o steps=2"),
        **_tried(
            Shows.checkpoint,
            "--steps 0",
            beside="--model mlp -o hidden=4 -o patience=1 -o evaluate_every=1 -o learning_rate=1",
        ),
        **_tried(Shows.allowed, "--column word", beside="--corpus {table}"),
        **_tried(Shows.checkpoint, "--where colour=red", beside="--corpus {table} --column word"),
        **_tried(
            Shows.checkpoint,
            "--condition-on colour",
            beside="--corpus {table} --column word --model mlp -o steps=1 -o hidden=4",
        ),
        **_tried(Shows.file, "--output {out}.safetensors"),
        **_tried(Shows.allowed, "--force", beside="--output {ngram} --corpus {other}"),
        **_tried(Shows.refused, "--resume"),
        **_tried(Shows.file, "--plot {out}.svg", beside="--model mlp -o steps=20"),
        **_tried(Shows.allowed, "--plugin {plugin}", beside="--model flat"),
    },
    "eval": {
        **MODEL,
        **IN_NATS,
        **_tried(Shows.output, "--split train", "--all"),
        **_tried(Shows.refused, "--train"),  # Without --all.
        **_tried(Shows.file, "--plot {out}.svg", beside="--all"),
    },
    "info": {**MODEL, **IN_BITS},
    "repl": {**SPEAKING, **IN_NATS, **_tried(Shows.output, "--seed 2")},
    "serve": {
        **{
            name: replace(tried, shows=Shows.talk if tried.shows is Shows.output else tried.shows)
            for name, tried in SPEAKING.items()
            if name != "--json"
        },
        **_tried(Shows.talk, "--host ::1", "--port 9", "--token T", "--cors https://example.org"),
        **_tried(Shows.talk, "--open", "--allow-training"),
        **_tried(Shows.refused, "--memory 1KiB", "--time-limit 0"),
    },
    "corpora list": JSON,
    "corpora show": {
        **JSON,
        **_tried(Shows.output, "--where gender=f"),
        **_tried(Shows.refused, "--column word"),
        **_tried(Shows.file, "--plot {out}.svg"),
        **_tried(Shows.refused, "--plugin {missing}"),
    },
    "corpora check": {
        **JSON,
        **_tried(Shows.refused, "--column word"),
        **_tried(Shows.refused, "--plugin {missing}"),
    },
    "models list": JSON,
    "models show": {**JSON, **IN_BITS},
    "models remove": _tried(Shows.allowed, "--all-of {words}"),
    "plugins list": {**JSON, **_tried(Shows.output, "--plugin {plugin}", "--kind samplers")},
    "plugins show": {
        **_tried(Shows.output, "--json", beside="ngram"),
        **_tried(Shows.refused, "--kind samplers", beside="ngram"),
        **_tried(Shows.allowed, "--plugin {plugin}", beside="flat"),
    },
    "plugins check": {
        **_tried(Shows.output, "--json", beside="greedy"),
        **_tried(
            Shows.refused,
            "--kind models",
            "--option nosuch=1",
            "--explain pure",
            "--call-seconds 0.05",
            "--seconds nothing",
            beside="greedy",
        ),
        **_tried(Shows.allowed, "--plugin {plugin}", beside="flat"),
    },
    "plugins new": {
        **_tried(Shows.file, "--into {out}"),
        **_tried(Shows.output, "--single-file"),
        **_tried(Shows.file, "--author Somebody"),
    },
}
