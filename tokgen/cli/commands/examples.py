"""`tokgen examples`: the training windows that documents become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import typer

from tokgen.cli.arguments import ColumnArgument, CorpusArgument, JsonArgument, TokenizerArgument
from tokgen.cli.terminal import output_console, print_json, say
from tokgen.cli.views.borders import shown_row
from tokgen.cli.views.table import LEAST_TEXT, Column, Table
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import open_corpus
from tokgen.corpus.tokenizer_choice import choose_tokenizer, fit_tokenizer
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.errors import counted
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.documents import Documents
from tokgen.unicode import shown_symbol

FIRST = 20


def examples(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT…", help="Documents to read.")
    ] = None,
    context: Annotated[
        int, typer.Option("--context", min=1, max=64, help="Tokens in each context.")
    ] = 3,
    head: Annotated[
        int | None,
        typer.Option("--head", min=1, help=f"Show only the first N (without TEXT: {FIRST})."),
    ] = None,
    corpus: CorpusArgument = None,
    column: ColumnArgument = None,
    tokenizer: TokenizerArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show the examples (context, target) that documents become in training.

    Without TEXT, they are the documents on which a model of the corpus is trained.
    """
    opened = open_corpus(DEFAULT_CORPUS if corpus is None else corpus, column=column)
    fitted = fit_tokenizer(choose_tokenizer(tokenizer, opened).written, opened)
    documents = Documents.of(texts) if texts else opened.split("train")
    dataset = Dataset(fitted.encode_documents(documents), fitted.vocabulary)
    if not texts:
        _tell_size(opened, dataset, context)
    first = head or (len(dataset) if texts else FIRST)
    shown = range(min(first, len(dataset)))
    windows = dataset.windows(np.array(shown), context)
    contexts = [[fitted.symbols[token] for token in ids] for ids in windows.contexts.tolist()]
    targets = [fitted.symbols[token] for token in windows.targets.tolist()]
    if json:
        for seen, target in zip(contexts, targets, strict=True):
            print_json({"context": "".join(seen), "target": target})
        return
    console = output_console()
    console.print(_table([shown_row(each, fitted.symbols) for each in contexts], targets))
    if len(dataset) > len(shown):
        console.print(f"… {len(dataset) - len(shown):,} more")


def _tell_size(corpus: Corpus, dataset: Dataset, context: int) -> None:
    different = len(np.unique(dataset.all_windows(context).contexts, axis=0))
    documents = counted(len(dataset.lengths), "training document")
    say(
        f"{documents} of {corpus.name} become {len(dataset):,} examples with "
        f"{counted(different, 'different context')} of {context}"
    )


def _table(contexts: Sequence[str], targets: Sequence[str]) -> Table:
    numbers = [str(number) for number in range(1, len(targets) + 1)]
    return Table(
        [
            Column(numbers, is_key=True, justify="right"),
            Column(contexts, "context", least=LEAST_TEXT),
            Column(["→"] * len(targets)),
            Column([*map(shown_symbol, targets)], "target"),
        ]
    )
