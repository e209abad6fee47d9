"""Draw the pictures of the docs anew: `nox -s pictures`.

Each is what a command writes, so that it shows what users get.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SESSION = "abi\n\n\n:tree\n:export repl.svg\n"


def tokgen(*arguments: str, typed: str = "") -> None:
    """Run one command as a user of a terminal with 80 columns does."""
    environment = {**os.environ, "COLUMNS": "80", "SOURCE_DATE_EPOCH": "0"}
    command = [sys.executable, "-m", "tokgen", *arguments]
    subprocess.run(command, input=typed, text=True, check=True, env=environment, cwd=HERE)


def draw() -> None:
    """Write every picture into the folder of this file."""
    tokgen("repl", "--model", "mlp", "--seed", "1", typed=SESSION)
    tokgen("tree", "ab", "--model", "mlp", "--plot", str(HERE / "tree.svg"))
    tokgen("embeddings", "--model", "mlp-2d", "--plot", str(HERE / "embeddings.svg"))
    with tempfile.TemporaryDirectory() as folder:
        kept = ["--output", f"{folder}/mlp.safetensors", "--plot", str(HERE / "loss.svg")]
        tokgen("train", "--model", "mlp", "--steps", "600", "--seed", "1", *kept)


if __name__ == "__main__":
    draw()
