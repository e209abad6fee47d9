"""TokenizerUnderTest: a tokenizer fitted on each document list that it accepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tokgen.errors import PluginError, RequestError
from tokgen.guards.tokenizer_checks import check_vocabulary
from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.testing.clause import ClauseNotCheckedError, ClauseViolatedError
from tokgen.testing.computed_once import computed_once
from tokgen.testing.plugin_under_test import PluginUnderTest
from tokgen.testing.tokenizers.document_lists import DOCUMENT_LISTS, DocumentList
from tokgen.testing.tokenizers.fitted import Fitted

Step = Literal["fit", "symbols", "encode", "pieces"]

CLAUSE_OF: dict[Step, str] = {
    "fit": "fits",
    "symbols": "symbols",
    "encode": "ids-valid",
    "pieces": "pieces",
}
OTHERS_UNUSABLE = "with the others it could not be used"


@dataclass(frozen=True)
class Fault:
    """The first thing that went wrong with a document list."""

    step: Step
    said: str
    shown: str
    cause: PluginError
    mend: str = ""


@dataclass(frozen=True)
class Refusal:
    """A document list that the tokenizer refuses, as one with a fixed alphabet may."""

    said: str


class TokenizerUnderTest(PluginUnderTest):
    """A tokenizer fitted on each document list that it accepts.

    A list with which `fit`, `encode` or `pieces` fails altogether is the affair of the clause that
    asks `check_step`; the other clauses look at the lists that are left.
    """

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__("tokenizers", name, options)

    @property
    def fitted(self) -> list[Fitted]:
        """The tokenizers fitted on the lists that it accepts, smallest list first.

        Raises:
            ClauseNotCheckedError: it could be used with none.
        """
        usable = [each for each in self._tried if isinstance(each, Fitted)]
        faults = [each for each in self._tried if isinstance(each, Fault)]
        if faults and not usable:
            raise ClauseNotCheckedError(f"follows from {CLAUSE_OF[faults[0].step]}")
        if not usable:
            raise ClauseNotCheckedError(_refused(self._tried))
        if faults:
            number, count = len(usable), len(usable) + len(faults)
            self.looked_at = f"on {number} of {count} document lists: {OTHERS_UNUSABLE}"
        return usable

    def check_step(self, step: Step) -> None:
        """What went wrong there with a list is a violation.

        Raises:
            ClauseViolatedError: it went wrong with a list.
            ClauseNotCheckedError: it was reached with none.
        """
        for tried in self._tried:
            if isinstance(tried, Fault) and tried.step == step:
                raise ClauseViolatedError(tried.said, tried.shown, tried.mend) from tried.cause
        self.fitted  # noqa: B018  (raises where there is none)

    @computed_once
    def _tried(self) -> list[Fitted | Fault | Refusal]:
        tried = [self._try(documents) for documents in DOCUMENT_LISTS]
        # An alphabet of its own accepts documents that are empty, which show little of it.
        given = zip(tried, DOCUMENT_LISTS, strict=True)
        if all(isinstance(made, Refusal) for made, documents in given if documents.characters):
            own = self._documents_of_its_own()
            if own is not None:
                tried.append(self._try(own))
        return tried

    def _try(self, documents: DocumentList) -> Fitted | Fault | Refusal:
        options = self.options
        step: Step = "fit"
        shown = f"fitted on {list(documents.train)}"
        try:
            made = self.raw_fit(options, documents)
            step = "symbols"
            with self.calling("fit"):
                check_vocabulary(made)
            tokenizer: Tokenizer = self.guarded_fit(options, documents)
            step = "encode"
            for text in documents.train:
                shown = f"fitted on {list(documents.train)}, text {text!r}"
                tokenizer.encode(text)
            step, shown = "pieces", f"fitted on {list(documents.train)}"
            tokenizer.pieces()
        except RequestError as error:
            return Refusal(str(error))
        except PluginError as error:
            mend = _mend_of_symbols(made) if step == "symbols" else ""
            return Fault(step, str(error), shown, error, mend)
        return Fitted(documents, tokenizer)

    def raw_fit(self, options: Any, documents: DocumentList) -> Any:
        """What `fit` of the class as its author wrote it makes of the train documents."""
        train = Documents.of(documents.train).read_only()
        with self.calling("fit"):
            return self.implementation.fit(options, train, documents.characters)

    def guarded_fit(self, options: Any, documents: DocumentList) -> Any:
        """The guarded tokenizer of the train documents."""
        train = Documents.of(documents.train)
        return self.guarded.fit(options, train, documents.characters)

    def _documents_of_its_own(self) -> DocumentList | None:
        """Documents for a fixed alphabet of few letters: what its ids mean, one by one."""
        try:
            fitted = Fitted(DOCUMENT_LISTS[0], self.guarded_fit(self.options, DOCUMENT_LISTS[0]))
            texts = [fitted.tokenizer.decode([token]) for token in fitted.ordinary_ids]
        except (RequestError, PluginError):
            return None
        return DocumentList(tuple(dict.fromkeys(filter(None, texts)))) if any(texts) else None


def _mend_of_symbols(made: Any) -> str:
    """How two equal symbols are mended; empty where it is something else that is wrong."""
    try:
        twice = {each for each, count in Counter(made.symbols).items() if count > 1}
        terminator = made.symbols[made.terminator_id]
    except (AttributeError, IndexError, TypeError):
        return ""
    if terminator in twice:
        return (
            f"a corpus may hold {terminator!r}: let `terminator_symbol(symbols)` of "
            "`tokgen.plugin_api` choose a symbol that no token has"
        )
    return "give each token once: `[*dict.fromkeys([*characters, *others])]`" if twice else ""


def _refused(tried: Sequence[Fitted | Fault | Refusal]) -> str:
    first = next(each for each in tried if isinstance(each, Refusal))
    return f"it refuses all {len(tried)} document lists: {first.said}"
