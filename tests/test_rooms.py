"""The house: imports point downwards, the core names no plugin, torch stays where it belongs."""

from __future__ import annotations

import ast
import graphlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

CORE = Path(__file__).parents[1] / "tokgen"
# Foundations first: a room imports only from rooms before it in this list.
ROOMS = [
    "errors",
    "stopping",
    "watched",
    "arrays",
    "unit",
    "percentages",
    "rng",
    "unicode",
    "paths",
    "temporary",
    "inputs",
    "files",
    "reading",
    "yaml_table",
    "plugin_api",
    "guards",
    "registry",
    "defaults",
    "corpus",
    "generation",
    "exact",
    "training",
    "testing",
    "scaffold",
    "text_model",
    "session",
    "server",
    "cli",
]
# Inside a room, the folders in their order; the files beside them are the foundations.
FOLDERS = {"exact": ["", "markov", "search", "bulk"], "cli": ["", "views", "commands"]}
PLUGIN_PACKAGES = {
    "tokgen_tokenizers",
    "tokgen_models",
    "tokgen_samplers",
    "tokgen_indian_names",
}
# What is written for authors is theirs: the core does not import it.
TEMPLATES = sorted((CORE / "scaffold/templates").glob("*.py"))
FILES = sorted(
    path
    for path in set(CORE.rglob("*.py")) - set(TEMPLATES)
    if path.parent != CORE or path.stem in ROOMS
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
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inside if file_of(name).exists()]
            yield from modules or [node.module]


def file_of(module):
    return CORE.parent / (module.replace(".", "/") + ".py")


def place(module):
    """(number of the room, number of the folder inside it)."""
    _, room, *inside = module.split(".")
    folders = FOLDERS.get(room, [""])
    return ROOMS.index(room), folders.index(inside[0]) if inside and inside[0] in folders else 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CORE)))
def test_imports_point_to_earlier_rooms(path):
    mine = ".".join(path.relative_to(CORE.parent).with_suffix("").parts)
    for module in imports(path):
        if module.startswith("tokgen.") and mine != "tokgen.cli.__init__":
            assert place(module) <= place(mine), module


def test_no_file_imports_itself_by_a_detour():
    graph = {
        ".".join(path.relative_to(CORE.parent).with_suffix("").parts): set(imports(path))
        for path in FILES
    }
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CORE)))
def test_core_names_no_plugin_and_keeps_libraries_in_their_rooms(path):
    modules = {module.partition(".")[0] for module in imports(path)}
    where = path.relative_to(CORE).as_posix()
    assert not modules & PLUGIN_PACKAGES
    if not where.startswith("cli/"):
        for_commands = {"typer"} if where == "testing/commands/__init__.py" else set()
        assert not {"rich", "typer", "prompt_toolkit"} & modules - for_commands
    if not where.startswith("plugin_api/torch/"):
        assert "torch" not in modules
    if where != "exact/bulk/compiled_sampler.py":
        assert "numba" not in modules
    if not where.startswith("server/") and where != "cli/commands/serve.py":
        assert not {"starlette", "uvicorn"} & modules
    if not where.startswith("text_model/plots/"):
        assert "matplotlib" not in modules


PLUGIN_FILES = [
    *sorted((CORE.parent / "plugins").rglob("*.py")),
    *(path for path in TEMPLATES if path.stem != "command"),
]


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=lambda path: path.stem)
def test_plugins_import_the_published_api_alone(path):
    ours = {module for module in imports(path) if module.partition(".")[0] == "tokgen"}
    assert ours <= {"tokgen.plugin_api"}


def lint(where, source):
    """What ruff finds in `source` if it stands in the file `where`: (rule, line, message)."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format=json", "--stdin-filename", where],
        input=source,
        capture_output=True,
        text=True,
        cwd=CORE.parent,
    )
    return [
        (finding["code"], finding["location"]["row"], finding["message"])
        for finding in json.loads(done.stdout)
    ]


def test_lint_refuses_every_room_but_the_published_api_to_plugins():
    source = "".join(f"import tokgen.{room}\n" for room in ROOMS)
    found = lint("plugins/tokgen_samplers/wrong.py", source)
    refused = {ROOMS[line - 1]: said for rule, line, said in found if rule == "TID251"}
    assert set(refused) == set(ROOMS) - {"plugin_api"}
    assert all("imports tokgen.plugin_api alone" in said for said in refused.values())
    assert "TID251" not in {rule for rule, _, _ in lint("tokgen/cli/wrong.py", source)}


@pytest.mark.parametrize(("name", "refused"), [("mlp.py", True), ("mlp_network.py", False)])
def test_lint_keeps_torch_in_the_networks_of_plugins(name, refused):
    found = lint(f"plugins/tokgen_models/{name}", "import torch\n")
    assert ("TID253" in {rule for rule, _, _ in found}) is refused


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
