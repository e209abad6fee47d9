"""GRU: the gated recurrent unit (Cho et al. 2014).

    h  <- (1 - z) * n + z * h      z = sigmoid(Wz x + Uz h),  r = sigmoid(Wr x + Ur h)
                                   n = tanh(Wn x + r * (Un h))
    logits = output . h

Of the paper's two forms this is the one that resets after the multiplication, as torch and cuDNN
compute it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tokgen.plugin_api import Floats, State
from tokgen_models.recurrent import RecurrentModel, RecurrentOptions

if TYPE_CHECKING:
    from tokgen.plugin_api import TorchModel


class GRU(RecurrentModel):
    """A recurrent network: two gates decide what its hidden state keeps of all tokens before."""

    cell = "gru"
    gates = 3
    opens: ClassVar = {"reset": 0, "update": 1}

    class Options(RecurrentOptions):
        """Options of `gru`."""

    @classmethod
    def torch_model(cls) -> type[TorchModel]:
        """The same network in torch."""
        from tokgen_models.recurrent_network import TorchGRU

        return TorchGRU

    def changed(self, before: State, recurrent: Floats, inputs: Floats, after: State) -> None:
        """The formulas above, in place; torch has the products in the order r, z, n."""
        size, hidden = self.options.hidden, after[0]
        gates, new = inputs[:, : 2 * size], recurrent[:, 2 * size :]
        gates += recurrent[:, : 2 * size]
        np.negative(gates, out=gates)
        with np.errstate(over="ignore"):  # 1 / inf is the right gate: closed.
            np.exp(gates, out=gates)
        gates += 1  # 1 / r and 1 / z
        new /= gates[:, :size]
        new += inputs[:, 2 * size :]
        np.tanh(new, out=new)
        np.subtract(before[0], new, out=hidden)
        hidden /= gates[:, size:]
        hidden += new
