"""GradientStep: what one step of gradient descent does to a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokgen.arrays import Floats

if TYPE_CHECKING:
    from tokgen.plugin_api.model import LanguageModel


@dataclass(frozen=True, eq=False)
class GradientStep:
    """One step of gradient descent on −ln p, p the probability of a target after a prefix.

    Attributes:
        logits_gradient: the derivative of −ln p by each logit (V,).
        model: the model with the weights w − rate · gradient.
    """

    logits_gradient: Floats
    model: LanguageModel
