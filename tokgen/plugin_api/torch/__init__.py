'''Models written in torch: `TorchModel` with layers made in `build` and logits given by `forward`.

Training (AdamW, early stopping, resuming), saving, scoring and generating come with it. A whole
model, in a file of its own, used as `tokgen train --plugin bengio.py --model bengio`:

    from torch import nn

    from tokgen.plugin_api import Field, NetworkOptions, TorchModel


    class Bengio(TorchModel):
        """A window of tokens, one hidden layer (Bengio et al. 2003)."""

        class Options(NetworkOptions):
            """Options of `bengio`."""

            context: int = Field(default=3, ge=1, description="tokens seen")
            hidden: int = Field(default=64, ge=1, description="units of the hidden layer")

        def build(self, options, vocabulary):
            self.embedding = nn.Embedding(vocabulary.size, 16)
            self.hidden = nn.Linear(16 * options.context, options.hidden)
            self.output = nn.Linear(options.hidden, vocabulary.size)

        def forward(self, ids, given=None, cache=None):
            read = self.embedding(ids).flatten(start_dim=1)  # (B, k) -> (B, k*16)
            return self.output(self.hidden(read).tanh())  # logits (B, V), no softmax

This one reads contexts: `forward` is given the last k = `options.context` ids of B prefixes,
(B, k), with the terminator left of a beginning, and returns logits (B, V). A model with
`reads = "sequence"` is given ids (B, T) from the beginning on, and returns the logits (B, T, V) of
what follows each of them: no logit may depend on a later id. It may return a cache beside the
logits, a tuple of tensors with the B rows first, from which the next call goes on; `to_cache` and
`from_cache` change it from and to torch's order of a recurrent layer's state.

Layers stand in attributes, in `nn.ModuleList` or in `nn.ModuleDict`, where torch sees them. Chance
is drawn by torch (`nn.Dropout`, or `Dropout`, which is cheaper) and only in training. A model that
declares `reads_given = True` is given the values of columns too, (B, C), 0 where one is not known.

`tokgen plugins check bengio.py` holds it to all of this, and says what to mend.
'''
