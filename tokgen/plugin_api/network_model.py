"""NetworkModel: a network that is trained with torch and read with numpy.

A shipped checkpoint answers without torch: the author writes the forward pass twice, as a
`TorchModel` for training and in numpy for use, and holds the two together in a test.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tokgen.arrays import Arrays, Floats
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.gradient_step import GradientStep
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.plugin_api.weights import check_weights

if TYPE_CHECKING:
    from tokgen.plugin_api.dataset import Dataset
    from tokgen.plugin_api.torch.model import TorchModel


class NetworkModel(LanguageModel):
    """A language model that computes in numpy with the weights of a torch module.

    Attributes:
        weights: the arrays by their names in the torch module, float32, as they are saved; a
            subclass casts them in `prepare`.
    """

    weights: Arrays
    uses_device = True
    goes_on = True

    @classmethod
    @abstractmethod
    def torch_model(cls) -> type[TorchModel]:
        """The same network in torch; imported in here, so that only a training imports torch."""

    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Train the network in torch and take over its weights."""
        trained = self.torch_model().fitted(
            self.options, self.vocabulary, train, validation, run, self.parts
        )
        self.weights = trained.arrays()

    @classmethod
    def initial(cls, options: Any, vocabulary: Vocabulary, seed: int) -> Self:
        """The model with the random weights that a training with this seed begins with."""
        begun = cls.torch_model().initial(options, vocabulary, seed)
        return cls.from_arrays(options, vocabulary, begun.arrays())

    def gradient_step(self, prefix: Prefixes, target: int, rate: float) -> GradientStep:
        """The step that the same network in torch takes."""
        network = self.torch_model().from_arrays(
            self.options, self.vocabulary, self.weights, self.parts
        )
        step = network.gradient_step(prefix, target, rate)
        arrays = step.model.arrays()
        stepped = type(self).from_arrays(self.options, self.vocabulary, arrays, self.parts)
        return replace(step, model=stepped)

    def arrays(self) -> Arrays:
        """The weights."""
        return self.weights

    def take_arrays(self, arrays: Arrays) -> None:
        """Become the network with these weights."""
        check_weights(arrays)
        self.weights = arrays

    def embedding_table(self) -> Floats | None:
        """The weight of the module `embedding`, where there is one."""
        table = self.weights.get("embedding.weight")
        return None if table is None else table.astype(np.float64)
