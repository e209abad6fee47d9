// The line that tells what happened, which a screen reader reads out.

import { bits, fixed, percent } from "./numbers.js";
import { shown } from "./signs.js";

// What is wrong with one thing that was asked stays until that is answered.
export function telling(line) {
  const wrong = new Map();
  let told = "";

  function show() {
    const error = [...wrong.values()][0];
    line.className = error ? "error" : "";
    line.textContent = error ?? told;
  }

  return {
    say(text) {
      told = text;
      show();
    },
    fail(what, message) {
      wrong.set(what, message);
      show();
    },
    right(what) {
      if (wrong.delete(what)) show();
    },
  };
}

export function aboutDocument({ text, novel, path }) {
  const sum = path.reduce((all, token) => all + bits(token.logprob ?? 0), 0);
  const where = { true: " It is not in the corpus.", false: " It is in the corpus." }[novel] ?? "";
  return `${text || "(nothing)"} is a whole document of ${fixed(sum, 1)} bits.${where} Enter starts again.`;
}

export const aboutDraw = ({ token, logprob_drawn: logprob }) =>
  `${shown(token)} was drawn: its probability was ${percent(Math.exp(logprob))} %.`;
