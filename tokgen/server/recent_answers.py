"""Answers that took long and may be asked for again, as when a class opens one link."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

KEPT = 64


class RecentAnswers:
    """The answers that were asked for last; who asks makes sure that it is alone."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def of(self, question: Hashable, answer: Callable[[], Any]) -> Any:
        """What was answered before, or what is answered now."""
        if question not in self._kept:
            self._kept[question] = answer()
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(question)
        return self._kept[question]
