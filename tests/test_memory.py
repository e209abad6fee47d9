"""The budget in bytes: what exact commands take at most, measured as the process' peak."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from pathlib import Path
from string import ascii_lowercase

import pytest

from tokgen.errors import RequestError
from tokgen.exact.memory import DEFAULT_MEMORY, default_memory, parse_memory

BESIDE_THE_BUDGET = 300 << 20
TWO_GB = 2 * 10**9
# The peak of this program alone; what getrusage tells counts the process that started it too.
MEASURED = """
import sys
import tokgen.cli
try:
    tokgen.cli.main()
finally:
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(status["VmHWM"].split()[0], file=sys.stderr)
"""


def peak_of(*arguments):
    """The exit code and the peak resident memory, in bytes, of a command."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, arguments)], capture_output=True, text=True
    )
    return done.returncode, 1024 * int(done.stderr.splitlines()[-1]), done


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is measured on Linux alone"
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A trigram of 4,000 short words over 3,000 symbols."""
    folder = tmp_path_factory.mktemp("symbols")
    chance = random.Random(1)
    symbols = [chr(0x4E00 + number) for number in range(3000)]
    words = ["".join(chance.choices(symbols, k=chance.randint(2, 6))) for _ in range(4000)]
    words = [word + symbols[number % 3000] for number, word in enumerate(words)]
    (folder / "words.txt").write_text("\n".join(words), encoding="utf-8")
    path = folder / "m.safetensors"
    asked = ("--corpus", folder / "words.txt", "--model", "ngram", "-o", "order=3", "--seed", 1)
    code, _, done = peak_of("train", *asked, "--output", path)
    assert code == 0, done.stderr
    return path


@needs_proc
@pytest.mark.parametrize(
    "command",
    [
        "top -n 2",
        "analyze",
        "generate -n 20 --length 3 --seed 1",
        "generate -n 20 --unique --seed 1",
        "generate -n 3000 --seed 1",
        "eval",
    ],
)
def test_peak_memory_stays_within_the_budget(checkpoint, command):
    words = command.split()
    budget = ["--memory", "256MiB"] if words[0] in ("top", "analyze", "generate") else []
    code, peak, done = peak_of(*words, *budget, "--checkpoint", checkpoint)
    assert code in (0, 2), done.stderr
    if code:
        assert "--memory raises the limit" in done.stderr
    assert peak < (256 << 20) + BESIDE_THE_BUDGET, (command, peak >> 20)


@needs_proc
def test_a_chain_that_nearly_fills_the_budget_is_searched_within_it(tmp_path):
    chance = random.Random(1)
    symbols = [chr(0x4E00 + number) for number in range(1000)]
    words = ["".join(chance.choices(symbols, k=3)) for _ in range(2200)]
    (tmp_path / "words.txt").write_text("\n".join([*words, *symbols]), encoding="utf-8")
    path = tmp_path / "m.safetensors"
    asked = ("--corpus", tmp_path / "words.txt", "--model", "ngram", "-o", "order=4", "--seed", 1)
    code, _, done = peak_of("train", *asked, "--output", path)
    assert code == 0, done.stderr
    code, peak, done = peak_of("top", "-n", 2, "--memory", "512MiB", "--checkpoint", path)
    assert code == 0, done.stderr
    assert "searched" not in done.stderr
    assert peak < (512 << 20) + BESIDE_THE_BUDGET, peak >> 20


@pytest.fixture(scope="module")
def fifty_thousand_symbols(tmp_path_factory):
    """A bigram of 300 short words over a tokenizer of 50,000 parts of words."""
    folder, chance = tmp_path_factory.mktemp("parts"), random.Random(1)
    merges = [*itertools.product(ascii_lowercase, repeat=2)]
    merges += [(first + second, third) for (first, second) in merges for third in ascii_lowercase]
    longer = itertools.product(map("".join, merges[26**2 :]), ascii_lowercase)
    merges += itertools.islice(longer, 49_999 - 26 - len(merges))
    tokens = [*ascii_lowercase, *map("".join, merges)]
    described = {
        "added_tokens": [
            {"id": len(tokens), "content": "<end>", "special": True}
            | dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized"], False)
        ],
        "model": {
            "type": "BPE",
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": merges,
        },
    }
    (folder / "parts.json").write_text(json.dumps(described), encoding="utf-8")
    words = ["".join(chance.choices(ascii_lowercase, k=chance.randint(4, 9))) for _ in range(300)]
    (folder / "words.txt").write_text("\n".join(words), encoding="utf-8")
    tokenizer, path = f"bpe:file={folder / 'parts.json'},terminator=<end>", folder / "m.safetensors"
    asked = ("--corpus", folder / "words.txt", "--tokenizer", tokenizer, "--model", "ngram")
    code, peak, done = peak_of("train", *asked, "-o", "order=2", "--seed", 1, "--output", path)
    assert code == 0, done.stderr
    assert peak < TWO_GB
    return path


@needs_proc
@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        "generate -n 20 --seed 1",
        "generate -n 20 --seed 1 --prefix abc",
        "next abc --rows 20",
        "next abc --json",
        "score abcdef",
        "info",
    ],
)
def test_a_vocabulary_of_50_000_symbols_fits_in_two_gigabytes(fifty_thousand_symbols, command):
    code, peak, done = peak_of(*command.split(), "--checkpoint", fifty_thousand_symbols)
    assert code == 0, done.stderr
    assert peak < TWO_GB, (command, peak >> 20)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1GiB", 1 << 30),
        ("512M", 512 << 20),
        ("2g", 2 << 30),
        ("1.5 GiB", 3 << 29),
        ("2097152", 2 << 20),
    ],
)
def test_amounts_of_memory(written, size):
    assert parse_memory(written) == size


@pytest.mark.parametrize("written", ["", "much", "-1G", "1PB", "5", "1k"])
def test_what_is_no_amount_of_memory(written):
    with pytest.raises(RequestError, match="memory"):
        parse_memory(written)


def test_the_environment_gives_the_default(monkeypatch):
    monkeypatch.delenv("TOKGEN_MEMORY", raising=False)
    assert default_memory() == DEFAULT_MEMORY
    monkeypatch.setenv("TOKGEN_MEMORY", "64MiB")
    assert default_memory() == 64 << 20
