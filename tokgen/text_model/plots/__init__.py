"""Pictures, for print, projection and notebooks: each function gives a figure of matplotlib.

One that stands on a single pair of axes takes them as `ax`, so that it can be a part of a figure.
"""

from tokgen.text_model.plots.canvas import check_drawable, save
from tokgen.text_model.plots.corpus import corpus
from tokgen.text_model.plots.distributions import distribution, distributions
from tokgen.text_model.plots.embeddings import embedding_map
from tokgen.text_model.plots.explanations import explanations, is_table_of_shares
from tokgen.text_model.plots.families import families
from tokgen.text_model.plots.losses import plot_losses
from tokgen.text_model.plots.tree import tree

__all__ = [
    "check_drawable",
    "corpus",
    "distribution",
    "distributions",
    "embedding_map",
    "explanations",
    "families",
    "is_table_of_shares",
    "plot_losses",
    "save",
    "tree",
]
