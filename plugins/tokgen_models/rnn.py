"""RNN: the simple recurrent network (Elman 1990), as a language model (Mikolov et al. 2010).

h  <- tanh(W x + U h)
logits = output . h
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tokgen.plugin_api import Field, Floats, State
from tokgen_models.recurrent import RecurrentModel, RecurrentOptions

if TYPE_CHECKING:
    from tokgen.plugin_api import TorchModel


class RNN(RecurrentModel):
    """A recurrent network: each token and the last hidden state give the next hidden state."""

    cell = "rnn"
    gates = 1

    class Options(RecurrentOptions):
        """Options of `rnn`."""

        learning_rate: float = Field(
            default=2e-3, gt=0, description="highest learning rate of the schedule"
        )

    @classmethod
    def torch_model(cls) -> type[TorchModel]:
        """The same network in torch."""
        from tokgen_models.recurrent_network import TorchRNN

        return TorchRNN

    def changed(self, before: State, recurrent: Floats, inputs: Floats, after: State) -> None:
        """The formula above, in place."""
        recurrent += inputs
        np.tanh(recurrent, out=after[0])
