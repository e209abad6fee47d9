// The probabilities side by side from 0 to 1: a number falls into the part of one token.

import { make, put, write } from "./dom.js";
import { fixed } from "./numbers.js";
import { isWord, shown } from "./signs.js";

const LETTER_FITS = 0.018;

export function cumulative() {
  const line = make("div", { class: "line", role: "img" });
  const said = make("span", {});
  const note = make("p", { class: "note" }, make("span", {}, "0"), said, make("span", {}, "1"));
  // They stay while a slider moves: only their places change.
  const parts = [];

  // `drawn`: the token that was drawn from this step.
  function show(step, drawn = null) {
    let sum = 0;
    const shares = step.next.flatMap((token, id) => {
      const from = sum;
      sum += token.prob;
      return token.prob > 0 ? [{ token, from, chosen: drawn?.id === id }] : [];
    });
    while (parts.length < shares.length) parts.push(make("span"));
    parts.length = shares.length;
    parts.forEach((part, at) => fill(part, shares[at]));
    const wanted = drawn ? [...parts, needle(drawn.number)] : parts;
    if (drawn || line.children.length !== parts.length || line.lastChild !== parts.at(-1))
      put(line, wanted);
    write(
      said,
      drawn
        ? why(drawn)
        : "A draw takes a number from 0 to 1. The part in which it lies is the next token.",
    );
    line.setAttribute("aria-label", said.textContent);
  }

  return { element: make("div", { class: "cumulative" }, line, note), show };
}

function fill(element, { token: { token, prob }, from, chosen }) {
  write(element, prob > LETTER_FITS ? shown(token) : "");
  element.className = `part${chosen ? " chosen" : ""}${isWord(token) ? " word" : ""}`;
  element.style.left = `${100 * from}%`;
  element.style.width = `${100 * prob}%`;
}

function needle(number) {
  const element = make("span", { class: "needle" });
  element.style.left = `${100 * number}%`;
  return element;
}

function why({ number, token, from, to }) {
  return `The last draw took ${fixed(number, 4)}. It lies between ${fixed(from, 4)} and ${fixed(to, 4)}, in the part of ${shown(token)}.`;
}
