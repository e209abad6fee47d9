"""Clauses of the card: that it is valid, what it names, and that its files are installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from tokgen import registry
from tokgen.errors import PluginError, RequestError
from tokgen.testing.clause import Clause, ClauseViolatedError, clause
from tokgen.testing.corpora.corpus_under_test import CorpusUnderTest

NO_LICENCE = ("", "?", "todo", "tbd", "none", "unknown")


@clause
def card_valid(plugin: CorpusUnderTest) -> None:
    """The card is found in an installed top-level package, and has the keys of a card with values
    that fit.

    Why: a corpus without a valid card cannot be opened by any command.

    Mend: write the key as the sentence proposes it; the sha256 of the data is told where it is
    missing. The entry point is `name = "package:corpus.yaml"`.
    """
    try:
        plugin.open_package()
    except PluginError as error:
        raise ClauseViolatedError(str(error), plugin.found.reference) from None


@clause
def known_plugins(plugin: CorpusUnderTest) -> None:
    """The tokenizer, with its options, and the model that the card names can be found and loaded.

    Why: `tokgen generate` without further options uses them.

    Mend: correct the name; or let the distribution of the corpus depend on the one that has it.
    """
    card = plugin.package.card
    try:
        plugin.check_tokenizer()
    except (RequestError, PluginError) as error:
        raise ClauseViolatedError(str(error), f"tokenizer: {card.tokenizer}") from None
    try:
        registry.load_model(card.model)
    except (RequestError, PluginError) as error:
        raise ClauseViolatedError(str(error), f"model: {card.model}") from None


@clause
def licence(plugin: CorpusUnderTest) -> None:
    """The card names the licence of the documents.

    Why: without one nobody may use them, nor a model that was trained on them.

    Mend: write its SPDX identifier (spdx.org/licenses): `license: CC0-1.0`.
    """
    named = plugin.package.card.license
    if named.strip().lower() in NO_LICENCE:
        raise ClauseViolatedError(f"the licence is {named!r}", f"license: {named!r}")


@clause
def files_installed(plugin: CorpusUnderTest) -> None:
    """The card, the data and the checkpoints are files of the distribution, in a wheel as in an
    editable installation.

    Why: a file that is in the folder but not in the wheel is missing wherever it is installed.

    Mend: keep the files inside the package; let the build include them (hatchling does so;
    setuptools: `[tool.setuptools.package-data]`).
    """
    package, card = plugin.package, plugin.package.card
    _, _, card_file = plugin.found.reference.partition(":")
    recorded = _recorded(plugin.found.distribution, package.folder)
    for file in (card_file.strip(), card.data.file, *card.checkpoints.values()):
        try:
            path = package.path(file)
        except PluginError as error:
            raise ClauseViolatedError(str(error), file) from None
        if recorded and path not in recorded:
            raise ClauseViolatedError(
                f"{file!r} is no file of the installed distribution (its RECORD lacks it)", file
            )


def _recorded(name: str, folder: Path) -> set[Path]:
    """The files of the package that the installer recorded; none where it is editable."""
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        return set()
    listed = [each for each in installed.files or () if PurePosixPath(each).suffix != ".pth"]
    paths = {Path(str(installed.locate_file(each))).resolve() for each in listed}
    return {path for path in paths if path.is_relative_to(folder.resolve())}


CLAUSES: tuple[Clause, ...] = (card_valid, known_plugins, licence, files_installed)
