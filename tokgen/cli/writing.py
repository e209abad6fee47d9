"""The options that say how and where documents are written, and the writing."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from tokgen.cli.arguments import without_effect
from tokgen.cli.document_formats import WRITERS, Format, Order, write_side_by_side
from tokgen.cli.file_roles import FileRole
from tokgen.cli.progress import GenerationProgress
from tokgen.cli.searching import WorkTold
from tokgen.cli.terminal import say
from tokgen.cli.waiting import waiting
from tokgen.exact.search.watch import searches
from tokgen.files import WritingInterrupted, writing_keeping_partial
from tokgen.text_model.results import Generated
from tokgen.text_model.text_model import TextModel

LINE_BREAKS = "in text, a line break inside a document is written \\n or \\r."


@dataclass(frozen=True)
class Writing:
    """How and where documents are written: a command's own table where no option is given.

    Raises:
        RequestError: an option would have no effect.
    """

    format: Annotated[
        Format | None,
        typer.Option("--format", help=f"Output format, instead of a table; {LINE_BREAKS}"),
    ] = None
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="Write the documents to this file; an older one is replaced once they are made.",
        ),
        FileRole.written,
    ] = None
    order: Annotated[
        Order | None,
        typer.Option("--sort", help="Make all documents first, then write them in this order."),
    ] = None
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Print the documents in columns.")
    ] = False

    def __post_init__(self) -> None:
        if self.side_by_side:
            written = None if self.format is Format.text else self.format
            options = {"--format": written, "--output": self.output}
            without_effect("with --side-by-side", options)

    @property
    def given(self) -> dict[str, object]:
        """The options that were given; the others are None."""
        return {
            "--format": self.format,
            "--output": self.output,
            "--sort": self.order,
            "--side-by-side": self.side_by_side or None,
        }

    def write(self, documents: Iterator[Generated], model: TextModel) -> int:
        """Write documents, and tell how many; the file is opened when the first is there."""
        with waiting("looking for documents"):
            in_order = documents if self.order is None else self.order.of(documents)
            first = list(itertools.islice(in_order, 1))
        all_of_them = itertools.chain(first, in_order)
        if self.side_by_side:
            return write_side_by_side(all_of_them)
        with self._opened() as file, searches.by(WorkTold("looking for documents", searches)):
            return WRITERS[self.format or Format.text](file, all_of_them, model)

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        if self.output is None:
            yield sys.stdout.buffer
            return
        try:
            with writing_keeping_partial(self.output) as file:
                yield file
        except WritingInterrupted as interrupted:
            say(str(interrupted))
            raise


@dataclass(frozen=True)
class WritingAsMade(Writing):
    """The same for documents that are drawn, which are always written and never a table."""

    format: Annotated[Format, typer.Option("--format", help=f"Output format; {LINE_BREAKS}")] = (
        Format.text
    )

    @property
    def takes_lines(self) -> bool:
        """Whether documents may come as lines, many at once, in the order in which they are made.

        A terminal gets them one by one, since what would act there is made visible.
        """
        is_shown = self.output is None and sys.stdout.isatty()
        as_made = self.order is None and not self.side_by_side
        return self.format is Format.text and as_made and not is_shown

    def write_lines(self, chunks: Iterator[bytes], count: int) -> None:
        """Write lines as they come, with a bar where somebody watches while they go elsewhere."""
        with self._opened() as file:
            watched = sys.stderr.isatty() and not file.isatty()
            with GenerationProgress(count) if watched else nullcontext() as progress:
                for chunk in chunks:
                    file.write(chunk)
                    if progress is not None:
                        progress.advance(chunk.count(b"\n"))
