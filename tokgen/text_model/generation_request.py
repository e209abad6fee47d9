"""GenerationRequest: everything that is asked for when documents are generated."""

from __future__ import annotations

from dataclasses import dataclass, field

from tokgen.errors import RequestError, counted
from tokgen.exact.conditions import Conditions
from tokgen.exact.memory import default_memory
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.text_model.argument_kinds import check_truth, check_whole
from tokgen.unicode import nfc

CUT_AT = 64
USUAL_COUNT = 10
NO_SAMPLERS = SamplerChain()
UNCONDITIONED = Conditions()
SEEDS = 1 << 64


@dataclass(frozen=True)
class GenerationRequest:
    """What to generate. It is checked when it is made, as far as no model is needed for that.

    Attributes:
        count: how many documents.
        prefix: what each begins with, in NFC.
        samplers: applied in this order.
        conditions: what the text of each must fulfil.
        beam: how many prefixes of one length a beam search goes on with: then nothing is drawn, and
            the documents are the most probable ones that it finds, each text once. None draws.
        unique: no text comes twice; fewer than `count` come where there are no more.
        max_length: tokens that a document may have, its prefix included; None is 64 (or what the
            model can read, if that is less), and given conditions or `unique` no limit, since no
            document is cut then. What a beam has not ended by then is no document.
        memory: bytes that Markov chains, searches and automata may take.

    Raises:
        RequestError: a value is of a wrong kind or out of bounds, or a limit cannot be kept.
    """

    count: int = USUAL_COUNT
    prefix: str = ""
    seed: int = 0
    samplers: SamplerChain = NO_SAMPLERS
    conditions: Conditions = UNCONDITIONED
    unique: bool = False
    beam: int | None = None
    max_length: int | None = None
    memory: int = field(default_factory=default_memory)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefix", nfc(self.prefix))
        for name in ("count", "seed", "beam", "max_length"):
            check_whole(name, getattr(self, name))
        check_truth("unique", self.unique)
        if not 0 <= self.seed < SEEDS:
            raise RequestError(
                f"The seed is {self.seed}: it is from 0 to {SEEDS - 1}.", field="seed"
            )
        if self.count < 0:
            raise RequestError(f"The number of documents is {self.count}: it cannot be negative.")
        if self.max_length is not None and self.max_length < 0:
            raise RequestError(f"The length limit is {self.max_length}: it cannot be negative.")
        if self.beam is not None:
            self._check_beam(self.beam)
        elif self.max_length is not None and self.is_conditioned:
            raise RequestError(
                "No document is cut when conditions or unique documents are asked for, so a "
                "length limit cannot be given.",
                field="max_length",
            )

    def _check_beam(self, beam: int) -> None:
        if beam < 1:
            raise RequestError(f"The beam is {beam}: it is at least 1 prefix wide.", field="beam")
        if self.count > beam:
            most = counted(beam, "document")
            raise RequestError(
                f"A beam of {beam:,} gives at most {most}, not {self.count:,}.", field="beam"
            )
        if self.unique:
            raise RequestError("A beam gives each text once: unique has no effect.", field="unique")

    @property
    def is_conditioned(self) -> bool:
        """Whether documents are drawn given something, so that none is cut."""
        return bool(self.conditions) or self.unique


def usual_count(beam: int | None) -> int:
    """How many documents are made where nobody says: all of a beam, or 10."""
    return USUAL_COUNT if beam is None else beam
