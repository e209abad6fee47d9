"""A torch model: logits as a sum of one table per position of the context."""

from torch import nn

from tokgen.plugin_api import Field, NetworkOptions, TorchModel


class Linear(TorchModel):
    """Bag of positions: no hidden layer, no embedding."""

    reads = "context"

    class Options(NetworkOptions):
        """Options of `linear`."""

        context: int = Field(default=3, ge=1, description="tokens that the model sees")

    def build(self, options, vocabulary):
        """One table (V, V) a position."""
        size = vocabulary.size
        self.tables = nn.ModuleList(nn.Embedding(size, size) for _ in range(options.context))

    def forward(self, ids, given=None, cache=None):
        """Contexts (B, k) -> logits (B, V)."""
        return sum(table(column) for table, column in zip(self.tables, ids.T, strict=True))
