"""Trainings whose process is played by a test, and a server that asks for them."""

from __future__ import annotations

from functools import cache

from starlette.testclient import TestClient
from words import WORDS

from tokgen.corpus.opening import corpus_of_lines
from tokgen.plugin_api.fit_run import Progress
from tokgen.server.access import Access
from tokgen.server.app import application
from tokgen.server.served_model import ServedModel
from tokgen.server.training_desk import TrainingDesk
from tokgen.server.training_limits import TrainingLimits
from tokgen.server.training_messages import Begun, Ended, FirstWeights, Refused, Weights
from tokgen.training.plan import plan_on
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

SYMBOLS = ("a", "-")
TYPED = "\n".join(WORDS)


@cache
def trained_content(seed=0):
    """A checkpoint of a small MLP, as a training sends it; with it, what was learnt."""
    recipe = Recipe(model="mlp", seed=seed, options={"steps": 2, "hidden": 4, "embedding": 2})
    checkpoint = train(plan_on(recipe, corpus_of_lines(TYPED.encode(), "words"))).checkpoint
    return checkpoint.content(), checkpoint.model.arrays()


class ScriptedTraining:
    """A training that says what the test has it say.

    Attributes:
        refusal: said in place of what is known before the first step.
        stops: whether it stops when it is asked to.
    """

    refusal = None
    stops = True

    def __init__(self, order, told):
        self.order, self.told = order, told
        self.asked, self.is_killed, self.is_over = [], False, False
        begun = Begun(60, 50, 10, SYMBOLS, 99, 20, 0.7, 0.6, 0.5, None)
        told(begun if self.refusal is None else self.refusal)

    def ask(self, what):
        self.asked.append(what)
        if what == "stop" and self.stops:
            self.ends("stopped", "It was stopped.")

    def kill(self):
        self.is_killed = self.is_over = True

    def shows_first(self):
        self.told(FirstWeights(trained_content()[0]))

    def shows(self, seed):
        self.told(Weights(trained_content(seed)[1]))

    def reports(self, step, loss, validation=None):
        self.told(Progress(step, 20, loss, validation))

    def ends(self, state="done", said="It is good.", seed=1, *, keeps=True):
        self.is_over = True
        self.told(Ended(state, trained_content(seed)[0] if keeps else None, said))


class ServerThatTrains:
    """A server with scripted trainings and a clock that the test moves."""

    def __init__(self, model, limits=None, access=None):
        self.model = model
        self.now = 1000.0
        self.trainings = []
        self.refusal, self.stops = None, True
        self.desk = TrainingDesk(limits or TrainingLimits(), self._start, lambda: self.now)
        served = application(ServedModel(model), access or Access(), self.desk)
        self.client = TestClient(served, base_url="http://localhost:8008")

    def _start(self, order, told):
        played = {"refusal": self.refusal, "stops": self.stops}
        kind = type("Scripted", (ScriptedTraining,), played)
        self.trainings.append(kind(order, told))
        return self.trainings[-1]

    @property
    def training(self):
        """The last one that was begun."""
        return self.trainings[-1]

    def post(self, name, /, **body):
        return self.client.post(f"/page/{name}", json=body)

    def asked(self, name, /, **body):
        answer = self.post(name, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, name, status, /, **body):
        answer = self.post(name, **body)
        assert answer.status_code == status, answer.text
        return answer.json()["error"]

    def begin(self, **body):
        return self.asked("train", **{"words": TYPED, "model": "mlp", **body})["job"]


REFUSED = Refused("It cannot be.", "options", failed=False)
