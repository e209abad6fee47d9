// The loss as it falls: training and validation by steps, beside what guessing and an n-gram cost.
// One step at a time is read out: the one under the pointer, or that the arrow keys go to.

import { draw, put } from "./dom.js";
import { count, fixed } from "./numbers.js";
import { labelled, ticks } from "./scales.js";
import { sized } from "./sized.js";

const LINES = [
  ["train", "training"],
  ["validation", "validation"],
];
const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -5, PageDown: 5 };

export function lossCurve() {
  let job = null;
  // The measurement that is read; the last one where none was chosen.
  let chosen = null;
  const curve = sized(
    { role: "slider", tabindex: 0, "aria-label": "Loss by step", class: "curve" },
    paint,
  );
  const { picture } = curve;
  picture.addEventListener("keydown", pressed);
  picture.addEventListener("pointermove", pointed);
  for (const leaving of ["pointerleave", "blur"])
    picture.addEventListener(leaving, () => job && choose(null));
  let placed = [];

  function show(next) {
    if (next.job !== job?.job) chosen = null;
    job = next;
    curve.repaint();
  }

  function choose(at) {
    chosen = at;
    curve.repaint();
  }

  function pressed(event) {
    if (!job?.losses.length) return;
    const last = job.losses.length - 1;
    const from = chosen ?? last;
    const to = { Home: 0, End: last }[event.key] ?? from + (STEPS[event.key] ?? 0);
    if (!(event.key in STEPS) && !["Home", "End"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    choose(to >= last ? null : Math.max(0, to));
  }

  function pointed(event) {
    if (!placed.length) return;
    const x = event.clientX - picture.getBoundingClientRect().left;
    const far = placed.map((each) => Math.abs(each - x));
    choose(far.indexOf(Math.min(...far)));
  }

  function paint(width, height, rem) {
    if (!job) return;
    const right = width - 9.4 * rem;
    const [left, top, bottom] = [3.1 * rem, 0.8 * rem, height - 2.7 * rem];
    const [low, high] = span(job);
    const most = Math.max(job.steps, job.losses.at(-1)?.step ?? 0, 1);
    const x = (step) => left + ((right - left) * step) / most;
    const y = (loss) => bottom - ((bottom - top) * (loss - low)) / (high - low);
    const level = right - left < 18 * rem ? evenly(job) : guess(job);
    placed = job.losses.map(({ step }) => x(step));
    const at = chosen ?? job.losses.length - 1;
    put(
      picture,
      frame({ left, right, top, bottom, low, high, most, x, y, rem }),
      draw("text", { class: "level", x: right, y: y(job.guessing) - 0.4 * rem }, level),
      across("guessing", y(job.guessing), left, right),
      job.ngram !== null && across("ngram", y(job.ngram), left, right),
      line(points("train", job.losses, x, y), rem),
      marks(points("validation", job.losses, x, y), rem),
      chosen !== null && reading(job.losses[at], x, top, bottom),
      ends(at, y, bottom, 1.35 * rem).map(({ name, value, place }) =>
        draw(
          "text",
          { class: `end ${name}`, x: right + 0.6 * rem, y: place + 0.35 * rem },
          `${name === "ngram" ? "n-gram" : name} ${fixed(value)}`,
        ),
      ),
    );
    tell(at, most);
  }

  // What was measured last at the step that is read.
  const measured = (at) =>
    LINES.map(([key, name]) => ({
      name,
      value: job.losses.slice(0, at + 1).findLast((each) => each[key] !== null)?.[key] ?? null,
    })).filter(({ value }) => value !== null);

  function ends(at, y, lowest, apart) {
    const ngram = job.ngram === null ? [] : [{ name: "ngram", value: job.ngram }];
    const wanted = [...ngram, ...measured(at)].map((each) => ({ ...each, place: y(each.value) }));
    return labelled(wanted, apart, lowest);
  }

  function tell(at, most) {
    const step = job.losses[at]?.step ?? 0;
    const losses = measured(at).map(({ name, value }) => `${name} loss ${fixed(value)}`);
    const said = losses.length ? `${losses.join(", ")} nats per token` : "nothing is measured yet";
    picture.setAttribute("aria-valuemin", 0);
    picture.setAttribute("aria-valuemax", most);
    picture.setAttribute("aria-valuenow", step);
    picture.setAttribute("aria-valuetext", `step ${count(step)}: ${said}. ${references(job)}`);
  }

  return { element: curve.element, show };
}

// Where an n-gram says how far a loss may fall, the axis ends below it; elsewhere at zero. So it stays
// while the loss falls.
function span({ losses, guessing, ngram }) {
  const values = losses.flatMap(({ train, validation }) => [train, validation]);
  const known = [guessing, ngram, ...values].filter((value) => value !== null);
  const low = ngram === null ? 0 : Math.floor(2 * (Math.min(...known) - 0.25)) / 2;
  return [Math.max(0, low), Math.ceil(2 * (Math.max(...known) + 0.2)) / 2];
}

function frame({ left, right, top, bottom, low, high, most, x, y, rem }) {
  const along = ticks(0, most, (right - left) / (4 * rem), 1);
  const up = ticks(low, high, (bottom - top) / (2 * rem));
  return [
    ...up.map((loss) => draw("line", { class: "grid", x1: left, x2: right, y1: y(loss), y2: y(loss) })),
    ...up.map((loss) =>
      draw("text", { class: "tick up", x: left - 0.5 * rem, y: y(loss) + 0.35 * rem }, fixed(loss, 1)),
    ),
    ...along.map((step) =>
      draw("text", { class: "tick", x: x(step), y: bottom + 1.25 * rem }, count(step)),
    ),
    draw("path", { class: "axis", d: `M${left} ${top}V${bottom}H${right}` }),
    draw("text", { class: "tick", x: (left + right) / 2, y: bottom + 2.45 * rem }, "steps"),
  ];
}

const across = (name, y, left, right) =>
  draw("line", { class: `level ${name}`, x1: left, x2: right, y1: y, y2: y });

const points = (key, losses, x, y) =>
  losses.filter((each) => each[key] !== null).map((each) => [x(each.step), y(each[key])]);

// What was not measured at a step leaves no gap: the line goes on to the next measurement.
const line = (points, rem) => [
  draw("polyline", { class: "loss train", points: points.map((each) => each.join()).join(" ") }),
  ...points.slice(-1).map(dot("train", rem)),
];

// The loss of validation is measured rarely, and nothing is known of it in between: no line.
const marks = (points, rem) => points.map(dot("validation", rem));

const dot = (key, rem) => ([cx, cy]) =>
  draw("circle", { class: `loss ${key}`, cx, cy, r: 0.3 * rem });

const reading = ({ step }, x, top, bottom) =>
  draw("line", { class: "reading", x1: x(step), x2: x(step), y1: top, y2: bottom });

const evenly = ({ symbols, guessing }) => `ln ${count(symbols.length)} = ${fixed(guessing)}`;

const guess = (job) => `guessing evenly: ${evenly(job)}`;

const references = (job) =>
  `${guess(job)}${job.ngram === null ? "" : `; the n-gram has ${fixed(job.ngram)}`}`;
