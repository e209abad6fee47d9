"""`tokgen examples`: the training windows that a document becomes."""

from __future__ import annotations

from typing import Annotated

import typer

from tokgen.cli.arguments import CorpusArgument, JsonArgument, TokenizerArgument
from tokgen.cli.terminal import output_console, print_json
from tokgen.corpus.corpus import open_corpus
from tokgen.corpus.tokenizer_choice import choose_tokenizer, fit_tokenizer
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.documents import Documents
from tokgen.unicode import inert


def examples(
    text: Annotated[str, typer.Argument(help="A document.")],
    context: Annotated[int, typer.Option("--context", min=1, max=64, help="Tokens seen.")] = 3,
    corpus: CorpusArgument = None,
    tokenizer: TokenizerArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show the examples (context, target) that TEXT becomes in training."""
    from rich.table import Table

    opened = open_corpus(corpus or DEFAULT_CORPUS)
    fitted = fit_tokenizer(choose_tokenizer(tokenizer, opened).written, opened)
    documents = Documents.of([text])
    windows = Dataset(fitted.encode_documents(documents), fitted.vocabulary).all_windows(context)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column("context")
    table.add_column("")
    table.add_column("target")
    pairs = zip(windows.contexts.tolist(), windows.targets.tolist(), strict=True)
    for number, (ids, target) in enumerate(pairs, start=1):
        seen = "".join(fitted.symbols[token] for token in ids)
        if json:
            print_json({"context": seen, "target": fitted.symbols[target]})
        table.add_row(str(number), inert(seen), "→", inert(fitted.symbols[target]))
    if not json:
        output_console().print(table)
