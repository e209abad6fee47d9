"""Options, commands and values that there are not: which one was probably meant."""

from __future__ import annotations

import pytest
from running import tokgen

SAID = [
    ("generate --cuont 3", "'tokgen generate' has no option --cuont. Did you mean --count?"),
    ("generate --prefx=sha", "'tokgen generate' has no option --prefx. Did you mean --prefix?"),
    ("generate --top_k 3", "'tokgen generate' has no option --top_k. Did you mean --top-k?"),
    ("generate --SEED 3", "'tokgen generate' has no option --SEED. Did you mean --seed?"),
    ("generate --tem 3", "'tokgen generate' has no option --tem. Did you mean --temp?"),
    ("generate -temp 3", "'tokgen generate' has no option -temp. Did you mean --temp?"),
    ("generate --json", "'tokgen generate' has no option --json. Did you mean --format?"),
    ("--verson", "'tokgen' has no option --verson. Did you mean --version?"),
    ("corpora show --foo", "'tokgen corpora show' has no option --foo (--help shows its options)."),
    (
        "train --hidden-units 64",
        "'tokgen train' has no option --hidden-units (--help shows its options; an option of the "
        "model: -o hidden_units=VALUE).",
    ),
    ("next --prefix abi", "'tokgen next' takes PREFIX without --prefix: tokgen next PREFIX."),
    ("eval -n 4", "-n belongs to 'tokgen generate' and 'tokgen top', not to 'tokgen eval'."),
    (
        "eval --top-k 4",
        "--top-k belongs to 'tokgen generate', 'tokgen next', 'tokgen top', 'tokgen analyze' and "
        "'tokgen tree', not to 'tokgen eval'.",
    ),
    ("generate --version", "--version stands without a command: tokgen --version."),
    (
        "--seed 3 train",
        "--seed stands after the name of a command: tokgen train --seed.",
    ),
    (
        "plugins --json list",
        "--json stands after the name of a command: tokgen plugins list --json.",
    ),
    ("genrate", "'tokgen' has no command 'genrate'. Did you mean 'generate'?"),
    ("frobnicate", "'tokgen' has no command 'frobnicate' (--help lists the commands)."),
    ("plugins chekc", "'tokgen plugins' has no command 'chekc'. Did you mean 'check'?"),
    ("models rm", "'tokgen models' has no command 'rm': it has list, show and remove."),
    (
        "list",
        "'tokgen' has no command 'list'. Did you mean 'tokgen corpora list', 'tokgen models list' "
        "or 'tokgen plugins list'?",
    ),
    (
        "plugins new sampler",
        "'tokgen plugins new' needs NAME, which is missing. NAME is what users will type, such as "
        "my-sampler.",
    ),
    (
        "plugins new",
        "'tokgen plugins new' needs KIND, which is missing. KIND is one of sampler, model, "
        "torch-model, tokenizer, corpus, command.",
    ),
    ("generate --count", "--count needs a value, which is missing (--help says which)."),
    ("generate --unique=4", "--unique takes no value: write --unique alone."),
    ("next abi --unit foo", "--unit should be 'bits' or 'nats', not 'foo'."),
]


@pytest.mark.parametrize(("typed", "said"), SAID)
def test_it_is_told_in_one_sentence(typed, said):
    done = tokgen(*typed.split())
    assert (done.code, done.err.strip(), done.out) == (2, f"tokgen: {said}", "")


@pytest.mark.parametrize("typed", [["--foo\x1b[2J\nbar"], ["generate", "--foo\nbar"], ["x\ny"]])
def test_what_would_disturb_a_line_is_told_as_its_escape(typed):
    done = tokgen(*typed)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "\\n" in done.err
    assert "\\\\n" not in done.err
    assert "\x1b" not in done.err
