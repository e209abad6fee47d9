// The tokens that were read, each coloured by how much it surprised the model; those that the model
// sees are underlined. What was likelier is told below a token.

import { make, put } from "./dom.js";
import { bits, fixed, percent } from "./numbers.js";
import { reach, rove } from "./roving.js";
import { called, isWord, shown } from "./signs.js";

const MOST_BITS = 8;

export function letters(parent, goTo) {
  const card = make("div", { class: "card", hidden: true });
  const row = make("div", { class: "row" });
  const unit = make("span", { hidden: true }, "surprisal, bits");
  const sees = make("span", { class: "sees", hidden: true }, "the model sees");
  let shownNow = "";
  parent.append(make("div", { class: "what" }, unit, sees), row, card);
  rove(row, "button");
  row.addEventListener("scroll", () => (card.hidden = true));

  function cell(token, index, state) {
    const drawn = index >= state.start;
    const ends = state.ended && index === state.before;
    const surprise = bits(token.logprob ?? -99 * Math.LN2);
    const element = make(
      "button",
      {
        type: "button",
        class: `cell${drawn ? " drawn" : ""}${index >= state.seenFrom && index < state.before ? " seen" : ""}`,
        title: called(token.token, ends),
        "aria-label": `${called(token.token, ends)}: ${fixed(surprise, 1)} bits${drawn ? ", go back to here" : ""}`,
        onclick: () => drawn && goTo(index - state.start + 1),
        onmouseenter: () => open(element, token),
        onmouseleave: () => (card.hidden = true),
        onfocus: () => open(element, token),
        onblur: () => (card.hidden = true),
      },
      signOf(token.token),
      make("span", { class: "bits" }, fixed(surprise, 1)),
    );
    element.style.setProperty("--surprise", `${Math.min(1, surprise / MOST_BITS) * 100}%`);
    return element;
  }

  function open(element, token) {
    put(
      card,
      make(
        "p",
        {},
        `The model gave ${shown(token.token)} ${percent(Math.exp(token.logprob ?? -999))} %. Likeliest:`,
      ),
      token.likeliest.map(alternative),
    );
    card.hidden = false;
    const box = element.getBoundingClientRect();
    card.style.left = `${Math.min(box.left, innerWidth - card.offsetWidth - 8)}px`;
    card.style.top = `${box.bottom + 4}px`;
  }

  // `step` is the distribution behind these tokens, of a whole document that before its end.
  function show(told, step) {
    // A slider changes no letter.
    const now = JSON.stringify([told.path, told.start, step.window, step.seen]);
    if (now === shownNow) return;
    shownNow = now;
    const ended = told.text !== undefined;
    const before = told.path.length - (ended ? 1 : 0);
    const state = { start: told.start, seenFrom: before - step.seen, before, ended };
    const ghosts = step.window.slice(0, step.window.length - step.seen).map(ghost);
    const cells = told.path.map((token, index) => cell(token, index, state));
    const rest = step.rest && !ended && unspelt(step.rest);
    const next =
      !ended && make("span", { class: "cell next", "aria-label": "the next token" }, "?");
    unit.hidden = !cells.length;
    sees.hidden = !step.window.length;
    put(row, ghosts, cells, rest, next);
    if (cells.length) reach(cells, cells.at(-1));
    row.scrollLeft = row.scrollWidth;
    card.hidden = true;
  }

  return { show };
}

// Of a text whose spelling in tokens is still open, what the next tokens are going to spell.
const unspelt = (text) =>
  make(
    "span",
    { class: "cell rest", title: "typed, and still to be spelt by the next tokens" },
    make("span", { class: "token" }, shown(text)),
  );

// Left of the beginning stands the terminator.
const ghost = (symbol) =>
  make(
    "span",
    {
      class: "cell ghost seen",
      title: `${called(symbol, true)}: what the model sees left of the beginning`,
    },
    signOf(symbol),
  );

const signOf = (symbol) =>
  make("span", { class: isWord(symbol) ? "token word" : "token" }, shown(symbol));

function alternative({ token, prob }) {
  const bar = make("span", { class: "share" });
  bar.style.width = `${100 * prob}%`;
  return make(
    "div",
    { class: "alternative" },
    make("b", {}, shown(token)),
    make("span", { class: "track" }, bar),
    `${percent(prob)} %`,
  );
}
