// The training that is watched: the server is asked again and again how far it has come.

import { latest } from "./latest.js";
import { ask } from "./server.js";

// Milliseconds from an answer to the next question. The server stops a training at which nobody has
// looked for 150 seconds: while another view is shown, this page goes on asking, only less often. A
// browser lets a hidden page ask only once a minute.
const OFTEN = 250;
const SELDOM = 5000;
// Where motion is not wanted, what is shown changes less often.
const CALM = 2000;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

// `typed`: the text whose next token is watched. `show`: what is done with the job, null where there is none.
export function training({ typed, isOpen, show, right, fail }) {
  let job = null;
  let timer = 0;
  const watch = latest((body) => ask("train/watch", body), told, failed);

  function look() {
    clearTimeout(timer);
    if (job) watch({ job: job.job, since: sinceOf(job), typed: typed() });
  }

  function lookIn(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(look, milliseconds);
  }

  function told(answer, asked) {
    if (asked.job !== job?.job) return;
    right();
    job = { ...job, ...answer, losses: joined(job.losses, answer.losses) };
    show(job);
    if (job.state === "running") lookIn(isOpen() ? (calm.matches ? CALM : OFTEN) : SELDOM);
  }

  function failed(error) {
    fail(error);
    if (error.status === 404) found(null);
    else lookIn(SELDOM);
  }

  // A training that has just begun, or that a page finds when it is opened.
  function found(begun) {
    clearTimeout(timer);
    job = begun && { state: "running", step: 0, losses: [], next: null, embeddings: null, ...begun };
    show(job);
    look();
  }

  // Where another page trains already, that training is shown.
  async function begin(asked) {
    try {
      found(await ask("train", asked));
    } catch (error) {
      if (error.status === 409) found((await ask("facts", {})).training.job);
      throw error;
    }
  }

  async function stop() {
    await ask("train/stop", { job: job.job });
    look();
  }

  const keep = async (name) => (await ask("train/keep", { job: job.job, name })).model;

  async function forget() {
    await ask("train/forget", { job: job.job });
    found(null);
  }

  return { look, found, begin, stop, keep, forget };
}

// More may have been measured at the last step since: it is asked for again.
const sinceOf = ({ losses }) => (losses.length && losses.at(-1).step > 0 ? losses.at(-1).step - 1 : null);

function joined(known, told) {
  const bySteps = new Map(known.map((each) => [each.step, each]));
  for (const { step, train, validation } of told) {
    const before = bySteps.get(step);
    bySteps.set(step, {
      step,
      train: train ?? before?.train ?? null,
      validation: validation ?? before?.validation ?? null,
    });
  }
  return [...bySteps.values()];
}
