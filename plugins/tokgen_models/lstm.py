"""LSTM: long short-term memory (Hochreiter & Schmidhuber 1997; forget gates: Gers et al. 2000).

    c  <- f * c + i * g             i, f, o = sigmoid(W x + U h), each with weights of its own
    h  <- o * tanh(c)               g = tanh(W x + U h)
    logits = output . h

The memory c goes on from token to token by a sum, so that what was read early can last. In training
the forget gates begin open: their bias is 1 (Jozefowicz et al. 2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tokgen.plugin_api import Floats, State
from tokgen_models.recurrent import RecurrentModel, RecurrentOptions

if TYPE_CHECKING:
    from tokgen.plugin_api import TorchModel


class LSTM(RecurrentModel):
    """A recurrent network with a memory: gates decide what it stores, forgets and gives out."""

    cell = "lstm"
    gates = 4
    remembers = 2
    opens: ClassVar = {"input": 0, "forget": 1, "output": 3}

    class Options(RecurrentOptions):
        """Options of `lstm`."""

    @classmethod
    def torch_model(cls) -> type[TorchModel]:
        """The same network in torch."""
        from tokgen_models.recurrent_network import TorchLSTM

        return TorchLSTM

    def changed(self, before: State, recurrent: Floats, inputs: Floats, after: State) -> None:
        """The formulas above, in place; torch has the gates in the order i, f, g, o."""
        recurrent += inputs
        entering, forgetting, new, leaving = np.split(recurrent, 4, axis=1)
        np.tanh(new, out=new)
        for gate in (entering, forgetting, leaving):
            _open(gate)
        hidden, memory = after
        np.multiply(before[1], forgetting, out=memory)
        new *= entering
        memory += new
        np.tanh(memory, out=hidden)
        hidden *= leaving


def _open(gate: Floats) -> None:
    """The logistic function, in place."""
    np.negative(gate, out=gate)
    with np.errstate(over="ignore"):  # 1 / inf is the right gate: closed.
        np.exp(gate, out=gate)
    gate += 1
    np.reciprocal(gate, out=gate)
