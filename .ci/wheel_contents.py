"""Compare what a wheel holds with what the repository tracks for it."""

import subprocess
import sys
import zipfile

SOURCES = {
    "tokgen/": "tokgen/",
    "plugins/": "",
    "corpora/": "",
}
NOT_IN_THE_WHEEL = ":!plugins/ruff.toml"


def expected():
    """Paths in the wheel of all that is tracked for it."""
    tracked = subprocess.run(
        ["git", "ls-files", *SOURCES, NOT_IN_THE_WHEEL], capture_output=True, text=True, check=True
    ).stdout.split()
    for path in tracked:
        folder = next(folder for folder in SOURCES if path.startswith(folder))
        yield SOURCES[folder] + path.removeprefix(folder)


def main(wheel):
    """Exit with a list of what is missing or should not be there."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = set(expected())
    must_be_there = {
        "tokgen/py.typed",
        "tokgen/server/page/index.html",
        "tokgen/server/page/main.js",
        "tokgen/server/page/style.css",
        "tokgen/scaffold/templates/pyproject.toml.template",
        "tokgen/scaffold/templates/words.tsv",
        "tokgen_indian_names/corpus.yaml",
        "tokgen_indian_names/names.tsv",
        "tokgen_indian_names/SOURCE.md",
        "tokgen_indian_names/checkpoints/mlp.safetensors",
        "tokgen_indian_names/checkpoints/ngram.safetensors",
    }
    problems = [f"missing: {name}" for name in sorted((wanted | must_be_there) - held)]
    problems += [f"not expected: {name}" for name in sorted(held - wanted)]
    if problems:
        sys.exit("\n".join(problems))


main(sys.argv[1])
