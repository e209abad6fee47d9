"""What there is to say of a corpus: size, lengths, letters, columns, and whether it is sound."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen import registry
from tokgen.corpus.card import Card
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.splits import SplitName
from tokgen.corpus.tokenizer_choice import choose_tokenizer, fit_tokenizer
from tokgen.errors import RequestError
from tokgen.plugin_api.dataset import Dataset

SHOWN = 5


@dataclass(frozen=True)
class CorpusReport:
    """Counts. `lengths` and `letters` are by number of characters and by character."""

    documents: int
    distinct: int
    lengths: dict[int, int]
    letters: dict[str, int]
    columns: dict[str, dict[str, int]]
    splits: dict[SplitName, int]


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: `problem` is None where it is in order."""

    checked: str
    found: str
    problem: str | None = None


def report(corpus: Corpus) -> CorpusReport:
    """Count what a corpus holds."""
    lengths: Counter[int] = Counter()
    letters: Counter[str] = Counter()
    for document in corpus.documents:
        lengths[len(document)] += 1
        letters.update(document)
    names: list[SplitName] = ["train", "validation"]
    if corpus.package is not None:
        names.append("test")
    return CorpusReport(
        documents=len(corpus.documents),
        distinct=len(np.unique(corpus.documents.hashes())),
        lengths=dict(sorted(lengths.items())),
        letters=dict(sorted(letters.items())),
        columns={name: value_counts(values) for name, values in corpus.columns.items()},
        splits={name: len(corpus.split(name)) for name in names},
    )


def value_counts(values: np.ndarray[tuple[int], np.dtype[np.str_]]) -> dict[str, int]:
    """How often each value of a column occurs, the most frequent first."""
    return dict(Counter(values.tolist()).most_common())


def sample(corpus: Corpus, count: int, seed: int = 0) -> list[str]:
    """Some documents, drawn without replacement; the same ones for the same seed."""
    size = min(count, len(corpus.documents))
    chosen = np.random.default_rng(seed).choice(len(corpus.documents), size, replace=False)
    return [corpus.documents[int(index)] for index in np.sort(chosen)]


def pair_shares(corpus: Corpus) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Symbols, and for each the share (V, V) of what follows it; the terminator also begins.

    Raises:
        RequestError: the corpus' tokenizer cannot encode it.
    """
    fitted = fit_tokenizer(choose_tokenizer(None, corpus).written, corpus)
    data = Dataset(fitted.encode_documents(corpus.documents), fitted.vocabulary)
    windows = data.all_windows(1)
    size = fitted.vocabulary.size
    places = windows.contexts[:, 0] * size + windows.targets
    counts = np.bincount(places, minlength=size * size).reshape(size, size).astype(np.float64)
    return fitted.symbols, counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def check(corpus: Corpus) -> list[Finding]:
    """Look a corpus over: it was opened, so its encoding, hash, rows and columns are in order."""
    described = report(corpus)
    findings = [Finding("encoding", "UTF-8")]
    if corpus.card is not None:
        findings.append(Finding("hash", "the data are the file that the card describes"))
        findings.append(Finding("rows", f"{described.documents:,}, as the card says"))
        findings.append(_model(corpus.card))
    else:
        findings.append(Finding("documents", f"{described.documents:,}"))
    findings += [
        _columns(corpus),
        _splits(described),
        _blank_lines(corpus),
        _duplicates(corpus, described),
        _lengths(described),
        _alphabet(corpus, described),
        _spaces(corpus),
    ]
    return findings


def _model(card: Card) -> Finding:
    """The model that is trained where a user names none; it is found, and not imported."""
    try:
        registry.find("models", card.model)
    except RequestError as error:
        return Finding("model", card.model, str(error))
    return Finding("model", card.model)


def _columns(corpus: Corpus) -> Finding:
    found = ", ".join(corpus.columns) or "none"
    for row, column in empty_values(corpus):
        of_row = f"{corpus.documents[row]!r} (row {row + 1})"
        return Finding("columns", found, f"{column!r} has no value for {of_row}")
    return Finding("columns", found)


def empty_values(corpus: Corpus) -> Iterator[tuple[int, str]]:
    """The index of each row in which a column has no value, and the name of that column."""
    for name, values in corpus.columns.items():
        for row in np.flatnonzero(np.char.strip(values) == ""):
            yield int(row), name


def _splits(described: CorpusReport) -> Finding:
    found = ", ".join(f"{name} {count:,}" for name, count in described.splits.items())
    if described.splits["train"]:
        return Finding("splits", found)
    return Finding("splits", found, f"none is for training: {found}")


def _blank_lines(corpus: Corpus) -> Finding:
    count = corpus.blank_lines
    problem = f"{count:,} are skipped" if count else None
    return Finding("blank lines", "none" if not count else f"{count:,}", problem)


def _duplicates(corpus: Corpus, described: CorpusReport) -> Finding:
    repeats = described.documents - described.distinct
    if not repeats:
        return Finding("duplicates", "none")
    often = Counter(corpus.documents).most_common(SHOWN)
    shown = ", ".join(f"{text!r} ×{count}" for text, count in often if count > 1)
    return Finding("duplicates", f"{repeats:,}", f"{repeats:,} rows repeat another: {shown}")


def _lengths(described: CorpusReport) -> Finding:
    lengths = described.lengths
    mean = sum(length * count for length, count in lengths.items()) / described.documents
    return Finding("lengths", f"{min(lengths)} to {max(lengths)} characters, mean {mean:.2f}")


def _alphabet(corpus: Corpus, described: CorpusReport) -> Finding:
    letters = "".join(described.letters)
    name = choose_tokenizer(None, corpus).written
    try:
        fit_tokenizer(name, corpus).encode_documents(corpus.documents)
    except RequestError as error:
        return Finding("alphabet", letters, f"tokenizer {name!r} cannot encode it: {error}")
    return Finding("alphabet", f"{letters} (tokenizer {name!r})")


def _spaces(corpus: Corpus) -> Finding:
    for number, document in enumerate(corpus.documents, start=1):
        if document != document.strip() or any(map(_is_control, document)):
            said = (
                f"document {number} ({document[:40]!r}) has spaces around it or control characters"
            )
            return Finding("spaces", "some", said)
    return Finding("spaces", "none around a document")


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"
