"""surprising-lines: a command that prints the lines of a file that surprise a model most.

It reads a text file with one document a line, and scores each with the default model.
The line with the most bits for each of its tokens comes first.
"""

import math
from pathlib import Path
from typing import Annotated

import tokgen  # its public names are all that a command needs: load, TextModel, Score, …
import typer

app = typer.Typer(help="Print the lines of a file that surprise a model most.")


@app.command()
def surprising_lines(
    file: Annotated[  # what is declared here is checked, and shown by --help
        Path, typer.Argument(exists=True, dir_okay=False, help="A text file, a document a line.")
    ],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many lines.")] = 10,
) -> None:
    """Print the lines of FILE that surprise the default model most."""
    model = tokgen.load()  # or tokgen.load("CORPUS or text file", "MODEL")
    lines = filter(None, file.read_text(encoding="utf-8").splitlines())
    scores = sorted(model.score_all(lines), key=bits_per_token, reverse=True)
    for score in scores[:count]:  # raise tokgen.RequestError("One sentence.") for wrong requests
        typer.echo(f"{bits_per_token(score):6.2f} bits  {score.text}")


def bits_per_token(score: tokgen.Score) -> float:
    """Mean surprisal of a document's tokens, its terminator included."""
    return -score.logprob / math.log(2) / len(score.tokens)  # logprob is in nats


if __name__ == "__main__":  # so that it also runs as a file: python surprising_lines.py FILE
    app()
