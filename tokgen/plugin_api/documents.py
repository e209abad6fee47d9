"""Documents: a corpus' texts in one buffer, so that a million lines are not a million objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import read_only

FNV_OFFSET_BASIS = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)


@dataclass(frozen=True, eq=False)
class Documents(Sequence[str]):
    """Texts in one buffer: document d is `text[starts[d]:ends[d]]`, in UTF-8.

    Shapes: `text` (bytes,) uint8; `starts`, `ends` (D,) int64. A slice or a selection shares the
    text and needs two integers for each document.
    """

    text: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Documents:
        """Documents holding these texts."""
        encoded = [text.encode() for text in texts]
        ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), ends])[: len(encoded)]
        return cls(np.frombuffer(b"".join(encoded), np.uint8), starts, ends)

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Documents: ...
    def __getitem__(self, index: int | slice) -> str | Documents:
        """One text, or a view of several."""
        if isinstance(index, slice):
            return Documents(self.text, self.starts[index], self.ends[index])
        return self.text[self.starts[index] : self.ends[index]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            yield self.text[start:end].tobytes().decode()

    def __add__(self, other: Documents) -> Documents:
        """These documents, then the other ones; where both are views of one text, it is shared."""
        if self.text is other.text:
            starts, ends = (self.starts, other.starts), (self.ends, other.ends)
            return Documents(self.text, np.concatenate(starts), np.concatenate(ends))
        offset = len(self.text)
        return Documents(
            np.concatenate([self.text, other.text]),
            np.concatenate([self.starts, other.starts + offset]),
            np.concatenate([self.ends, other.ends + offset]),
        )

    def select(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Documents:
        """The documents at a mask (D,) or at indices."""
        return Documents(self.text, self.starts[which], self.ends[which])

    def read_only(self) -> Documents:
        """The same documents in read-only arrays."""
        return Documents(read_only(self.text), read_only(self.starts), read_only(self.ends))

    def characters(self) -> int:
        """How many characters (Unicode code points) all documents have together."""
        begins_character = (self.text & np.uint8(0xC0)) != np.uint8(0x80)
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(begins_character)])
        return int((before[self.ends] - before[self.starts]).sum())

    def different_characters(self) -> str:
        """All different characters (Unicode code points) of the documents, in their order."""
        reached = np.zeros(len(self.text) + 1, np.int64)
        np.add.at(reached, self.starts, 1)
        np.add.at(reached, self.ends, -1)
        text = self.text[np.cumsum(reached[:-1]) > 0].tobytes().decode()
        return "".join(sorted(set(text)))

    def hashes(self) -> NDArray[np.uint64]:
        """A fixed 64-bit hash of each document's UTF-8 bytes (D,): the same in every release.

        FNV-1a (Fowler, Noll & Vo; RFC 9923), then the finaliser of MurmurHash3 (Appleby), so that
        short documents spread over all 64 bits.
        """
        hashes = np.full(len(self), FNV_OFFSET_BASIS)
        lengths = self.ends - self.starts
        longest_first = np.argsort(-lengths, kind="stable")
        starts, lengths = self.starts[longest_first], lengths[longest_first]
        for position in range(int(lengths[0]) if len(lengths) else 0):
            reach = int(np.searchsorted(-lengths, -position, side="left"))
            rows = longest_first[:reach]
            hashes[rows] = (hashes[rows] ^ self.text[starts[:reach] + position]) * FNV_PRIME
        return _finalised(hashes)


def _finalised(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return hashes ^ (hashes >> np.uint64(33))
