// The probabilities side by side from 0 to 1: a number falls into the part of one token.

import { make, put, shown } from "./dom.js";
import { fixed } from "./numbers.js";

const LETTER_FITS = 0.018;

export function cumulative() {
  const line = make("div", { class: "line", role: "img" });
  const said = make("p", { class: "note" });

  function show(step, drawn = null) {
    let sum = 0;
    const parts = step.next.flatMap((token, id) => {
      const from = sum;
      sum += token.prob;
      return token.prob > 0 ? [part(token, from, drawn?.id === id)] : [];
    });
    put(line, parts, drawn && needle(drawn.number));
    said.textContent = drawn
      ? why(drawn)
      : "To draw, a number from 0 to 1 is taken. The part that it falls in is the next token.";
    line.setAttribute("aria-label", said.textContent);
  }

  return { element: make("div", { class: "cumulative" }, line, said), show };
}

function part({ token, prob }, from, chosen) {
  const letter = prob > LETTER_FITS ? shown(token) : "";
  const element = make("span", { class: chosen ? "part chosen" : "part" }, letter);
  element.style.left = `${100 * from}%`;
  element.style.width = `${100 * prob}%`;
  return element;
}

function needle(number) {
  const element = make("span", { class: "needle" });
  element.style.left = `${100 * number}%`;
  return element;
}

function why({ number, token, from, to }) {
  return `Drawn: ${fixed(number, 4)} lies between ${fixed(from, 4)} and ${fixed(to, 4)}, the part of ${shown(token)}.`;
}
