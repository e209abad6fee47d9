"""Shelf: the models that the page may ask: the server's own, those shipped with its corpus, others.

The others are those that were kept under names, where the page may keep some.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from threading import Lock

from tokgen import registry
from tokgen.corpus.opening import open_corpus
from tokgen.errors import did_you_mean
from tokgen.server.api_errors import ApiError
from tokgen.server.served_model import ServedModel
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_request import KEPT, SHIPPED, ModelRequest
from tokgen.training.model_store import choose


class Shelf:
    """Models by name; one that is not the server's own is opened when it is first asked for.

    Args:
        kept: names under which models are kept.
    """

    def __init__(self, own: ServedModel, kept: Iterable[str] = ()) -> None:
        self.own = own
        self._opened: dict[str, ServedModel] = {own.name: own}
        self._opening = Lock()
        shipped = (name for name in self._shipped() if name != own.name)
        self.names = [own.name, *shipped, *map(called_kept, kept)]

    def named(self, name: str | None) -> ServedModel:
        """The model of this name; None is the server's own.

        Raises:
            ApiError: 404, naming the nearest that there is.
        """
        name = self.own.name if name is None else name
        if name not in self.names:
            hint = did_you_mean(name, self.names)
            said = f"There is no model {name!r} here.{hint}"
            raise ApiError(404, said, "model", "model_not_found")
        with self._opening:
            if name not in self._opened:
                self._opened[name] = self._open(name)
            return self._opened[name]

    def name_of(self, served: ServedModel) -> str:
        """The name of a model that `named` has given."""
        return next(name for name, opened in list(self._opened.items()) if opened is served)

    def put(self, name: str, served: ServedModel) -> None:
        """Add a model under a name of its own."""
        with self._opening:
            self._opened[name] = served
            if name not in self.names:
                self.names = [*self.names, name]

    @property
    def _corpus(self) -> str:
        return self.own.text_model.metadata.corpus.name

    def _shipped(self) -> list[str]:
        """`CORPUS/NAME` of each checkpoint that the card of the corpus lists."""
        if self._corpus not in registry.names("corpora"):
            return []
        card = open_corpus(self._corpus).card
        return [f"{self._corpus}/{name}" for name in sorted(card.checkpoints if card else ())]

    def _open(self, name: str) -> ServedModel:
        if name.startswith(f"{KEPT}:"):
            return replace(self.own, text_model=_opened(ModelRequest(checkpoint=name)))
        shipped = name.removeprefix(f"{self._corpus}/")
        request = ModelRequest(self._corpus, checkpoint=f"{SHIPPED}:{shipped}")
        return replace(self.own, text_model=_opened(request))


def called_kept(name: str) -> str:
    """How a model is asked that is kept under a name, here as on the command line."""
    return f"{KEPT}:{name}"


def _opened(request: ModelRequest) -> TextModel:
    chosen = choose(request)
    return TextModel(chosen.checkpoint, chosen.corpus)
