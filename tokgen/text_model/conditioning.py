"""Conditions on texts as conditions on ids: an automaton, or a check of whole documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tokgen.exact.automaton import Automaton
from tokgen.exact.condition_automata import may_be_told_apart
from tokgen.exact.conditions import Conditions
from tokgen.exact.joint_automaton import automaton_of
from tokgen.exact.likeliest_share import ROUNDING, LikeliestShare
from tokgen.exact.nearness.far_automaton import far_from
from tokgen.exact.nearness.near_rows import NearRows
from tokgen.exact.spelling import spell_in_one_way
from tokgen.generation.growth import Beginning
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.document_check import Check
from tokgen.text_model.document_set import Counting, DocumentSet
from tokgen.text_model.quality import likeliest_documents
from tokgen.text_model.spelling_scores import SpellingScores

# Of the memory, the share that the index of near rows may take.
NEAR_SHARE = 4
WITHOUT_PIECES = "the tokenizer does not tell the bytes of its tokens"
BY_ROWS = "the rows of the corpus are too long, or too many, for a tree of them"
BY_DISTANCE = "whether a row of the corpus is near can only be told of whole documents"
BY_LOGPROB = "how probable a document is can only be told of whole documents"


class Conditioning:
    """How a tokenizer's documents come to fulfil conditions; `known` gives the corpus' texts."""

    def __init__(self, tokenizer: Tokenizer, known: Callable[[], frozenset[str]]) -> None:
        self._tokenizer = tokenizer
        self._known = known
        self._near: dict[tuple[int, int], NearRows] = {}
        self._cuts: dict[tuple[tuple[int, ...], float, int], LikeliestShare] = {}

    def conditioned(self, documents: DocumentSet, conditions: Conditions) -> DocumentSet:
        """Those of all documents of a model that fulfil the conditions.

        Raises:
            RequestError: as `automaton_of`, or as `DocumentSet.markov`.
        """
        distance, in_bytes = conditions.novel_distance, self._tokenizer.pieces() is not None
        by_tree = not conditions.novel or may_be_told_apart(self._known(), documents.memory)
        followed = replace(conditions.of_text, novel=conditions.novel and by_tree)
        found = self._followed(documents, followed) if in_bytes else documents
        unchecked = in_bytes and by_tree and distance is None
        if distance is not None and in_bytes and documents.unbounded_because is None:
            as_chain = self._as_chain(documents, followed, distance)
            unchecked, found = as_chain is not None, as_chain or found
        least = self._least_logprob(conditions, documents)
        if (unchecked and least is None) or not conditions:
            return found
        checked = conditions if not unchecked else Conditions()
        return replace(found, check=self._check(checked, least, documents))

    def likeliest(self, documents: DocumentSet, share: float) -> LikeliestShare:
        """The cut of the likeliest documents of a model; raises as `likeliest_documents`.

        It is that of the whole documents, whatever these begin with or are asked for.
        """
        given = documents.beginning.given
        asked = given, share, documents.memory
        if asked not in self._cuts:
            beginning = Beginning(documents.model.vocabulary.beginning, given=given)
            everything = replace(documents.alone, beginning=beginning)
            self._cuts[asked] = likeliest_documents(everything, share)
        return self._cuts[asked]

    def _least_logprob(self, conditions: Conditions, documents: DocumentSet) -> float | None:
        """How probable a document must be, nats; None where that is not asked."""
        asked = [] if conditions.min_logprob is None else [conditions.min_logprob]
        if conditions.quality is not None:
            asked.append(self.likeliest(documents, conditions.quality).least_logprob)
        return max(asked, default=None)

    def _followed(self, documents: DocumentSet, conditions: Conditions) -> DocumentSet:
        """Those that fulfil what an automaton can follow."""
        if not conditions:
            return documents
        ids, memory = documents.beginning.ids, documents.memory
        automaton = automaton_of(conditions, self._tokenizer, self._known, ids, memory=memory)
        counting = self._counting(documents, conditions)
        return replace(documents, automaton=automaton, counting=counting)

    def _counting(self, documents: DocumentSet, conditions: Conditions) -> Counting | None:
        """A length in characters as one in tokens, where each token is one character."""
        pieces, ids = self._tokenizer.pieces() or (), documents.beginning.ids
        vocabulary = self._tokenizer.vocabulary
        silent = {token for token, piece in enumerate(pieces) if not piece}
        one_each = spell_in_one_way(pieces) and silent <= {
            vocabulary.terminator_id,
            vocabulary.start_id,
        }
        if conditions.lengths is None or not one_each:
            return None
        given = len(self._tokenizer.decode(ids))
        shortest, longest = conditions.lengths
        if longest is not None and longest < given:
            return None
        others = replace(conditions, lengths=None)

        def automaton() -> Automaton:
            return automaton_of(others, self._tokenizer, self._known, ids, memory=documents.memory)

        left = None if longest is None else longest - given
        return Counting((max(0, shortest - given), left), automaton)

    def _as_chain(
        self, documents: DocumentSet, conditions: Conditions, distance: int
    ) -> DocumentSet | None:
        """What is as far from the corpus as is asked, as a Markov chain; None where none fits."""
        far = far_from(self._known(), distance)
        if far is None:
            return None
        ids = documents.beginning.ids
        automaton = automaton_of(
            conditions, self._tokenizer, self._known, ids, far, documents.memory
        )
        conditioned = replace(documents, automaton=automaton)
        return None if conditioned.markov is None else conditioned

    def _check(self, conditions: Conditions, least: float | None, documents: DocumentSet) -> Check:
        """The conditions on a whole document, asked of its text and of its log-probability."""
        known = self._known() if conditions.novel else ()
        near = None
        if conditions.novel_distance is not None:
            near = self._rows_near(conditions.novel_distance, documents.memory // NEAR_SHARE)
        scores = SpellingScores(documents.model, self._tokenizer, documents.beginning.given)
        begun = scores.without_start(documents.beginning)

        def fits(ids: Sequence[int]) -> bool:
            text = self._tokenizer.decode(ids)
            return conditions.met_by(text, known) and not (near and near.is_near(text))

        def accepts_each(found: Sequence[Sequence[int]]) -> list[bool]:
            documents = [(*begun, *tokens) for tokens in found]
            fitting = [fits(ids) for ids in documents]
            if least is None:
                return fitting
            logprobs = scores.totals(documents)
            pairs = zip(fitting, logprobs, strict=True)
            return [fit and logprob >= least - ROUNDING for fit, logprob in pairs]

        def too_improbable(tokens: Sequence[int]) -> bool:
            return least is not None and scores.totals([(*begun, *tokens)])[0] < least - ROUNDING

        because = self._because(near, least)
        return Check(accepts_each, because, too_improbable, has_a_least=least is not None)

    def _because(self, near: NearRows | None, least: float | None) -> str:
        if self._tokenizer.pieces() is None:
            return WITHOUT_PIECES
        if near is not None:
            return BY_DISTANCE
        return BY_ROWS if least is None else BY_LOGPROB

    def _rows_near(self, distance: int, memory: int) -> NearRows:
        if (distance, memory) not in self._near:
            self._near[distance, memory] = NearRows(self._known(), distance, memory)
        return self._near[distance, memory]
