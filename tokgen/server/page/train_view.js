// Train: a model learns while one watches: the loss falls, the distribution in front takes shape, and
// the map of the embeddings, where it has two dimensions, moves.

import { UNIT, bars, peak } from "./bars.js";
import { button, make, put, write } from "./dom.js";
import { embeddingMap } from "./embedding_map.js";
import { lossCurve } from "./loss_curve.js";
import { trainForm } from "./train_form.js";
import { beforeAndNow, lastOf, readings, seen, spoken, told } from "./train_telling.js";
import { training } from "./training.js";

// Milliseconds between two sentences for those who listen.
const PAUSE = 5000;
// The option of a model that may have a map.
const EMBEDDING = "embedding";
const OFF = "This server trains nothing. Start it with tokgen serve --allow-training to train a model here.";
const STARTING = "The training begins…";
const IDLE =
  "Choose what to learn from and a model, then press Train. You see the loss, the distribution after " +
  "the text and, where embeddings have two dimensions, their map, while the model learns.";

// `type`: types another text. `acting`: does something and tells what went wrong. `kept`: told the
// name of a model that was kept.
export function trainView({ state, change, type, acting, kept, right, fail }) {
  const element = make("div", { class: "train" });
  const run = training({
    typed: () => state.typed,
    isOpen: () => state.view === "train",
    show: (job) => showJob(job),
    right,
    fail,
  });
  const form = trainForm({
    change: (train) => change({ train }),
    begin: (asked) => acting(() => start({ ...asked, seed: state.seed })),
  });
  const begin = button("Train", null, { type: "submit", form: form.element.id, class: "main" });
  const stop = button("Stop", () => acting(run.stop), { class: "stop" });
  const name = make("input", { required: true, autocomplete: "off", spellcheck: "false" });
  const keep = make(
    "form",
    { class: "keep", onsubmit: keepIt },
    make("label", {}, "Name ", name),
    button("Keep", null, { type: "submit" }),
    button("Forget", () => acting(run.forget), { class: "quiet" }),
  );
  const plane = button("Use two-dimensional embeddings", () => form.set(EMBEDDING, 2));
  const figures = make("p", { class: "figures" });
  const progress = make("progress", { "aria-label": "Steps done" });
  const about = make("p", { class: "note about" });
  const curve = lossCurve();
  const map = embeddingMap();
  const front = bars("The next token: append one with Enter", append, beforeAndNow);
  const sees = make("span", { class: "figure" });
  const first = make("span", { class: "model" }, "before training");
  const legend = make(
    "p",
    { class: "legend" },
    first,
    make("span", { class: "final" }, "now"),
    make("span", {}, UNIT),
    sees,
  );
  const refused = make("p", { class: "note refused" });
  const heard = make("p", { class: "heard", role: "status" });
  const mapped = make(
    "section",
    { class: "mapped" },
    make("h2", {}, "Embeddings: two numbers for each symbol"),
    map.element,
  );
  const learnt = make(
    "div",
    { class: "learnt" },
    make("section", {}, make("h2", {}, "Loss, nats per token"), curve.element),
    mapped,
  );
  const ahead = make("section", { class: "front" }, legend, front.element, refused);
  const bar = make("div", { class: "run" }, begin, stop, plane, figures, progress, keep);
  let allowed = null;
  let starting = false;
  let job = null;
  let highest = 0;
  let scaledFor = null;
  let heardAt = 0;

  // The server needs some seconds until it can say what it trains.
  async function start(asked) {
    if (starting) return;
    starting = true;
    showJob(job);
    try {
      await run.begin(asked);
    } finally {
      starting = false;
      showJob(job);
    }
  }

  async function keepIt(event) {
    event.preventDefault();
    await acting(async () => kept(await run.keep(name.value)));
  }

  function append(id) {
    const { symbols, end_id: end } = job.next;
    if (id !== end) type(state.typed + symbols[id]);
  }

  function show(facts) {
    if (allowed !== Boolean(facts.training)) {
      allowed = Boolean(facts.training);
      put(element, allowed ? [bar, about, learnt, ahead, heard] : make("p", { class: "off" }, OFF));
    }
    if (allowed) form.show(state.train, facts);
    showPlane();
  }

  function showJob(next) {
    const before = job;
    job = next;
    const running = job?.state === "running";
    element.classList.toggle("idle", job === null);
    showPlane();
    const focused = document.activeElement;
    begin.disabled = running;
    begin.setAttribute("aria-disabled", String(starting));
    stop.disabled = !running;
    keep.hidden = !job || running || job.state === "failed";
    if (focused === begin && running) stop.focus();
    if ((focused === stop && !running) || (keep.hidden && keep.contains(focused)))
      (keep.hidden ? begin : name).focus();
    progress.hidden = !running;
    write(about, starting ? STARTING : job ? told(job) : IDLE);
    put(figures, job ? readings(job) : []);
    if (!job) return;
    progress.max = Math.max(job.steps, 1);
    progress.value = job.step;
    curve.show(job);
    // What is counted learns in no steps.
    learnt.hidden = job.steps === 0;
    showMap();
    ahead.hidden = !job.next;
    if (job.next) showFront();
    listen(before);
  }

  function showPlane() {
    plane.hidden = !allowed || job?.state === "running" || !form.offers(EMBEDDING, 2);
  }

  function showMap() {
    mapped.hidden = !job.embeddings;
    if (job.embeddings) map.show(job);
  }

  function showFront() {
    const { symbols, end_id, start, now, window, error } = job.next;
    front.element.hidden = Boolean(error);
    write(refused, error ?? "");
    write(sees, error ? "" : `the model sees ${seen(window)}`);
    if (error) return;
    first.hidden = !start;
    const row = (shares) => shares.map((prob, id) => ({ token: symbols[id], prob }));
    // What is counted, and learns in no steps, has said nothing before.
    const step = { end_id, next: row(now), model: row(start ?? now.map(() => 0)) };
    // While it learns the bars keep their scale, or take a larger one.
    const key = `${job.job} ${state.typed}`;
    highest = Math.max(key === scaledFor ? highest : 0, peak(step));
    scaledFor = key;
    front.show(step, { top: highest });
  }

  // At a new loss, and not too often; what is final at once.
  function listen(before) {
    const isFinal = job.state !== "running";
    if (isFinal ? before?.state === job.state && before.job === job.job : !isNew(before)) return;
    if (!isFinal && performance.now() - heardAt < PAUSE) return;
    heardAt = performance.now();
    write(heard, isFinal ? told(job) : spoken(job));
  }

  const isNew = (before) => lastOf(job, "validation") !== (before && lastOf(before, "validation"));

  showJob(null);
  return { element, form: form.element, show, found: run.found, look: run.look };
}
