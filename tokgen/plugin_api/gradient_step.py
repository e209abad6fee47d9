"""GradientStep: what one step of gradient descent does to a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokgen.arrays import Floats

if TYPE_CHECKING:
    from tokgen.plugin_api.model import LanguageModel


@dataclass(frozen=True, eq=False)
class GradientStep:
    """One step down the gradient of −ln p of a target, p its probability after a prefix.

    Attributes:
        logits_gradient: of −ln p, by each logit (V,).
        model: the model with the weights w − rate · gradient.
    """

    logits_gradient: Floats
    model: LanguageModel
