"""The house: imports point downwards, the core names no plugin, torch stays where it belongs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "tokgen"
FLOORS = [
    {"errors", "cores"},
    {"options", "documents"},
    {"tokenizer", "fitting"},
    {"model"},
    {"dataset", "answers", "sampler", "chance", "text_file", "optimization"},
    {"plugins", "batches", "recipe", "numbering"},
    {"card", "chain_syntax", "tensor_file"},
    {"corpus", "checkpoint", "generation", "torch_model", "evaluation", "chain", "perturbed"},
    {"automaton", "backward", "walk", "beam"},
    {"conditioning", "conditions", "top", "planning"},
    {"exact", "training", "kernel", "sampling", "search"},
    {"bulk", "corpus_report", "resume", "exploration"},
    {"source"},
    {"choosing", "lines"},
    {"text_model"},
    {"analysis", "nearest", "tree", "testing", "plots", "embedding_space"},
    {"session_events"},
    {"session_state"},
    {"session_file"},
    {"session_commands"},
    {"session"},
    {"cli", "__init__"},
    {"__main__"},
]
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}
PLUGIN_PACKAGES = (
    "tokgen_tokenizers",
    "tokgen_models",
    "tokgen_samplers",
    "tokgen_indian_names",
)


def imports(path):
    """Modules that a file imports at run time, `if TYPE_CHECKING` aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "tokgen":
            yield from (f"tokgen.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def room(path):
    relative = path.relative_to(CORE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


FILES = sorted(CORE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CORE)))
def test_imports_point_downwards(path):
    mine = FLOOR_OF[room(path)]
    for module in imports(path):
        if module.startswith("tokgen.") and module != "tokgen.__version__":
            other = module.split(".")[1]
            assert other == room(path) or FLOOR_OF[other] < mine, (path.name, module)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CORE)))
def test_core_names_no_plugin_and_keeps_libraries_in_their_rooms(path):
    modules = [module.partition(".")[0] for module in imports(path)]
    assert not set(modules) & set(PLUGIN_PACKAGES)
    if room(path) != "cli":
        assert not {"rich", "typer", "prompt_toolkit"} & set(modules)
    if room(path) != "torch_model":
        assert "torch" not in modules
    if room(path) != "kernel":
        assert "numba" not in modules
    if room(path) != "plots":
        assert "matplotlib" not in modules


COMMANDS = [
    "--help",
    "plugins list",
    "plugins show mlp",
    "corpora list",
    "next abi",
    "next abi --model ngram",
    "score abid",
    "generate -n 3 --seed 1 --top-p 0.9",
    "generate -n 3 --seed 1 --model ngram --novel",
    "examples abid",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_torch_is_imported(command):
    script = (
        "import sys, tokgen.cli\n"
        "try: tokgen.cli.main()\n"
        "except SystemExit as done: assert not done.code, done.code\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command.split()], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
