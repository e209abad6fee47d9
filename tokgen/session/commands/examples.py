"""For each command of a session: a line that uses it, and what one sees then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A line as it is typed, and what it answers."""

    typed: str
    answers: str


EXAMPLES = {
    "pick": Example(":pick 2", "The second most probable token is chosen, and what may follow it."),
    "force": Example(":force i", "The token i is chosen, however improbable it is."),
    "back": Example(":back 2", "Two tokens are taken back, and what may follow there is shown."),
    "forward": Example(":forward", "The token that was taken back last stands there again."),
    "run": Example(":run", "One token after the other is drawn, until the document ends."),
    "tree": Example(":tree 2 3", "Two levels of the three most probable tokens after each other."),
    "go": Example(":go 4", "You stand at the place that :tree shows as [4]."),
    "mark": Example(":mark here", "This place has the name here, so that :go here leads to it."),
    "marks": Example(":marks", "Each mark with the text of its place."),
    "names": Example(
        ":names 5 length=4..6", "Five documents that begin so and have 4 to 6 characters."
    ),
    "top": Example(":top 5", "The five most probable documents that begin so, in order."),
    "why": Example(":why", "Each step from the tokens that the model sees to the softmax."),
    "score": Example(":score abid", "The surprisal of each token of abid, and its sum."),
    "loss": Example(":loss abid", "−ln p of each token of abid, their sum and their mean."),
    "step": Example(
        ":step abid lr=0.05", "What one gradient step does that makes d more probable after abi."
    ),
    "embeddings": Example(":embeddings near a", "The symbols whose embeddings are most like a's."),
    "analyze": Example(
        ":analyze length=5", "Entropy, lengths and more of all documents that begin so."
    ),
    "compare": Example(":compare ngram", "The distribution of this model beside the n-gram's."),
    "temp": Example(":temp 0.5 1 2", "The distributions at three temperatures side by side."),
    "chain": Example(":chain top_k:k=4", "Only the four most probable tokens are left."),
    "model": Example(":model ngram", "The session goes on here with another model."),
    "corpus": Example(":corpus indian-names", "The session goes on with a model of this corpus."),
    "checkpoint": Example(
        ":checkpoint shipped:mlp-2d", "The session goes on with the model of this checkpoint."
    ),
    "given": Example(":given gender=f", "The model is told the gender, if it reads it."),
    "seed": Example(":seed 7", "The next draws follow from the seed 7."),
    "sort": Example(":sort alphabet", "The rows stand in the order of the vocabulary."),
    "unit": Example(":unit nats", "Entropy, surprisal and losses are counted in nats."),
    "all": Example(":all", "All rows are shown; the same again shows only the first."),
    "save": Example(":save lesson.json", "The settings and the tree are in the file, to go on."),
    "load": Example(":load lesson.json", "You stand where that session was saved."),
    "export": Example(":export lesson.html", "All that was shown is in the file, to hand out."),
    "train": Example(
        ":train 100", "The loss curve of 100 steps more, and how the distribution moved."
    ),
    "untrain": Example(":untrain", "The open model has the random weights of its beginning again."),
    "keep": Example(":keep mine.safetensors", "The open model is in the file, a checkpoint."),
    "help": Example(":help tree", "What :tree does, with an example."),
    "quit": Example(":quit", "The session is over."),
}

TOPICS = {
    "Drawing": ("pick", "force", "run", "names"),
    "Moving": ("back", "forward", "tree", "go", "mark", "marks"),
    "Looking": (
        "why",
        "score",
        "loss",
        "step",
        "top",
        "analyze",
        "embeddings",
        "compare",
        "all",
        "sort",
    ),
    "Setting": ("temp", "chain", "model", "corpus", "checkpoint", "given", "seed", "unit"),
    "Training": ("train", "untrain", "keep"),
    "Keeping": ("save", "load", "export"),
    "Session": ("help", "quit"),
}
