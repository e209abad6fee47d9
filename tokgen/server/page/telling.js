// The line that tells what happened, which a screen reader reads out.

import { shown } from "./dom.js";
import { bits, fixed, percent } from "./numbers.js";

export function telling(line) {
  let notice = "";

  function put(kind, text) {
    line.className = text ? kind : "";
    line.textContent = text;
  }

  return {
    say: (text) => put("told", text),
    fail: (message) => put("error", message),
    // What is wrong with a link stays until something else is done.
    note: (message) => (notice = message),
    forget: () => (notice = ""),
    calm: () => put("error", notice),
    isWrong: () => line.classList.contains("error"),
  };
}

export function aboutDocument({ text, novel, path }) {
  const sum = path.reduce((all, token) => all + bits(token.logprob ?? 0), 0);
  const where = { true: " It is not in the corpus.", false: " It is in the corpus." }[novel] ?? "";
  return `${text || "(nothing)"} is a whole document of ${fixed(sum, 1)} bits.${where} Enter starts again.`;
}

export const aboutDraw = ({ token, logprob_drawn: logprob }) =>
  `${shown(token)} was drawn, with ${percent(Math.exp(logprob))} %.`;
