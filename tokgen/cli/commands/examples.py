"""`tokgen examples`: the training windows that a document becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from tokgen.cli.arguments import ColumnArgument, CorpusArgument, JsonArgument, TokenizerArgument
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.borders import shown_row
from tokgen.cli.views.table import LEAST_TEXT, Column, Table
from tokgen.corpus.corpus import open_corpus
from tokgen.corpus.tokenizer_choice import choose_tokenizer, fit_tokenizer
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.documents import Documents
from tokgen.unicode import shown_symbol


def examples(
    text: Annotated[str, typer.Argument(help="A document.")],
    context: Annotated[int, typer.Option("--context", min=1, max=64, help="Tokens seen.")] = 3,
    corpus: CorpusArgument = None,
    column: ColumnArgument = None,
    tokenizer: TokenizerArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show the examples (context, target) that TEXT becomes in training."""
    opened = open_corpus(DEFAULT_CORPUS if corpus is None else corpus, column=column)
    fitted = fit_tokenizer(choose_tokenizer(tokenizer, opened).written, opened)
    documents = Documents.of([text])
    windows = Dataset(fitted.encode_documents(documents), fitted.vocabulary).all_windows(context)
    contexts = [[fitted.symbols[token] for token in ids] for ids in windows.contexts.tolist()]
    targets = [fitted.symbols[token] for token in windows.targets.tolist()]
    if json:
        for seen, target in zip(contexts, targets, strict=True):
            print_json({"context": "".join(seen), "target": target})
    else:
        shown = [shown_row(tokens, fitted.symbols) for tokens in contexts]
        output_console().print(_table(shown, targets))


def _table(contexts: Sequence[str], targets: Sequence[str]) -> Table:
    numbers = [str(number) for number in range(1, len(targets) + 1)]
    return Table(
        [
            Column(numbers, is_key=True),
            Column(contexts, "context", least=LEAST_TEXT),
            Column(["→"] * len(targets)),
            Column([*map(shown_symbol, targets)], "target"),
        ]
    )
