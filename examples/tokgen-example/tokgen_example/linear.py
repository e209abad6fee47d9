"""A torch model: logits as a sum of one table per position of the context."""

from torch import nn

from tokgen.plugin_api import Field, NetworkOptions, TorchModel


class Linear(TorchModel):
    """Bag of positions: no hidden layer, no embedding."""

    tokgen_api = 1

    class Options(NetworkOptions):
        """Options of `linear`."""

        context: int = Field(default=3, ge=1, description="tokens that the model sees")

    @classmethod
    def build(cls, options, vocabulary):
        """Contexts (B, k) -> logits (B, V)."""
        return Tables(options.context, vocabulary.size)


class Tables(nn.Module):
    """One table (V, V) a position, and their sum."""

    def __init__(self, context, size):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, size) for _ in range(context))

    def forward(self, contexts):
        """Logits (B, V)."""
        columns = zip(self.tables, contexts.T, strict=True)
        return sum(table(column) for table, column in columns)
