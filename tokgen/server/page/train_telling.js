// What is said of a training: its figures, what it is and what came of it.

import { make } from "./dom.js";
import { count, fixed, percent } from "./numbers.js";
import { called, shown } from "./signs.js";

const MOST_SEEN = 12;

// Of a long text its end.
export function seen(window) {
  const last = window.slice(-MOST_SEEN).map(shown).join(" ");
  return last ? `${window.length > MOST_SEEN ? "… " : ""}${last}` : "nothing yet";
}

export const lastOf = ({ losses }, key) =>
  losses.findLast((each) => each[key] !== null)?.[key] ?? null;

export const beforeAndNow = ({ token, ends, model, final }) =>
  `${called(token, ends)}: ${model > 0 ? `before training ${percent(model)} %, ` : ""}now ${percent(final)} %`;

export function readings(job) {
  const running = job.state === "running";
  const loss = (key, name) => {
    const value = lastOf(job, key);
    return value !== null && make("span", {}, `${name} `, make("b", {}, fixed(value)));
  };
  return [
    job.steps > 0 &&
      make("span", {}, "step ", make("b", {}, count(job.step)), running && ` of ${count(job.steps)}`),
    loss("validation", "validation"),
    loss("train", "training"),
  ];
}

export function spoken(job) {
  const loss = lastOf(job, "validation");
  const measured = loss === null ? "" : `, validation loss ${fixed(loss)} nats per token`;
  return `step ${count(job.step)} of ${count(job.steps)}${measured}`;
}

// What is trained on what while it runs; what came of it afterwards.
export function told(job) {
  if (job.state === "failed") return job.message;
  const ended = job.state === "running" ? null : job.verdict;
  const numbers = job.parameters === null ? "" : ` ${count(job.parameters)} numbers`;
  const documents = `${count(job.train)} to learn from, ${count(job.validation)} held out for validation`;
  const begun = `The model learns${numbers} from ${job.corpus}: ${documents}.`;
  return [ended ?? begun, job.note].filter(Boolean).join(" ");
}
