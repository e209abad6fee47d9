// The whole vocabulary as bars: the model's own beside what the samplers leave of it. What a sampler
// removed stays visible, with the name of the sampler.

import { make, write } from "./dom.js";
import { count, percent, probability } from "./numbers.js";
import { reach, rove } from "./roving.js";
import { called, isWord, shown } from "./signs.js";

// As many as can be read: tokens of several letters need more room.
const MOST_LETTERS = 64;
const MOST_PIECES = 20;
// Longer tokens are written from top to bottom.
const SHORT = 4;

// What the numbers over the bars are.
export const UNIT = "probability, %";
// Rems that a number over a bar takes; how many of them stand where there is not room for all, and in
// how many lines (style.css leaves room for them).
const NUMBER = 2;
const MOST_NUMBERS = 8;
const LINES = [0, 1, 2];

export const mostBars = (symbols) =>
  symbols.some((symbol) => symbol.length > 2) ? MOST_PIECES : MOST_LETTERS;

// `choose`: told the id of a bar that was chosen. `say`: what a bar tells of its token.
export function bars(label, choose, say = spoken) {
  const chart = make("div", { class: "bars", role: "group", "aria-label": label });
  const rest = make("p", { class: "note" });
  const columns = new Map();
  rove(chart, "button");
  new ResizeObserver(fit).observe(chart);
  let listed = [];

  function column(id) {
    if (!columns.has(id)) columns.set(id, newColumn(id, choose, say));
    return columns.get(id);
  }

  function show(step, { sorted = false, chosen = null, top = null } = {}) {
    const tokens = described(step);
    const most = mostBars(tokens.filter(({ ends }) => !ends).map(({ token }) => token));
    const order = ordered(tokens, sorted || tokens.length > most);
    listed = order.slice(0, most);
    const highest = top ?? peak(step);
    const made = listed.map((token) => {
      const one = column(token.id);
      one.update(token, highest, token.id === chosen);
      return one.element;
    });
    if (
      made.some((each, index) => chart.children[index] !== each) ||
      chart.children.length !== made.length
    ) {
      chart.replaceChildren(...made);
    }
    if (!made.some((each) => each.tabIndex === 0)) reach(made, made[0]);
    chart.classList.toggle("pieces", most === MOST_PIECES);
    chart.style.setProperty("--count", Math.max(made.length, 10));
    rest.textContent = notShown(order.slice(most));
    fit();
  }

  // Where bars are narrower than numbers, the highest bars alone have theirs.
  function fit() {
    if (!chart.clientWidth || !listed.length) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const width = chart.clientWidth / Math.max(listed.length, 10);
    const isCrowded = width < NUMBER * rem;
    chart.classList.toggle("crowded", isCrowded);
    const lines = isCrowded ? linesOfHighest(listed, Math.ceil((NUMBER * rem) / width)) : new Map();
    listed.forEach((_, at) => {
      chart.children[at].classList.toggle("numbered", lines.has(at));
      chart.children[at].style.setProperty("--line", lines.get(at) ?? 0);
    });
  }

  return { element: make("div", { class: "chart" }, chart, rest), show };
}

export const peak = (step) =>
  Math.max(...[...step.next, ...(step.model ?? [])].map((each) => each.prob), 0.05);

// Of each token: what the model says, what is left of it, and which sampler removed it.
export function described(step) {
  const model = step.model ?? step.next;
  return step.next.map((token, id) => {
    const removed = (step.stages ?? []).find((stage) => stage.next[id].prob === 0);
    const by =
      token.prob === 0 && model[id].prob > 0 && removed ? removed.sampler.split(" ")[0] : null;
    const ends = id === step.end_id;
    return { id, token: token.token, ends, model: model[id].prob, final: token.prob, by };
  });
}

// In which line the numbers of the highest bars stand: in one line none are nearer than `apart`.
function linesOfHighest(tokens, apart) {
  const lines = new Map();
  const isFree = (line, at) =>
    [...lines].every(([other, taken]) => taken !== line || Math.abs(other - at) >= apart);
  const highest = tokens
    .map(({ final }, at) => ({ final, at }))
    .sort((a, b) => b.final - a.final)
    .slice(0, MOST_NUMBERS);
  for (const { at } of highest) {
    const line = LINES.find((each) => isFree(each, at));
    // Where a bar has no number, no lower one has.
    if (line === undefined) break;
    lines.set(at, line);
  }
  return lines;
}

function ordered(tokens, sorted) {
  if (!sorted) return tokens;
  return [...tokens].sort((a, b) => b.final - a.final || b.model - a.model);
}

function newColumn(id, choose, say) {
  const model = make("span", { class: "model" });
  const final = make("span", { class: "final" });
  const number = make("span", { class: "number" });
  const by = make("span", { class: "by" });
  const track = make("span", { class: "track" }, model, final, by);
  const letter = make("span", { class: "letter" });
  const element = make(
    "button",
    { type: "button", tabindex: -1, onclick: () => choose(id) },
    number,
    track,
    letter,
  );

  let before = null;

  // A slider moves some bars and leaves most words as they are.
  function update(token, highest, chosen) {
    const now = [token.token, token.model, token.final, token.by, highest, chosen].join();
    if (now === before) return;
    before = now;
    model.style.height = `${(100 * token.model) / highest}%`;
    final.style.height = `${(100 * token.final) / highest}%`;
    write(number, token.by ? "" : percent(token.final));
    write(by, token.by ?? "");
    write(letter, shown(token.token));
    letter.classList.toggle("long", shown(token.token).length > SHORT);
    letter.classList.toggle("word", isWord(token.token));
    element.classList.toggle("removed", token.by !== null);
    element.classList.toggle("chosen", chosen);
    element.setAttribute("aria-label", say(token));
    element.title = say(token);
  }

  return { element, update };
}

function spoken({ token, ends, model, final, by }) {
  const said = `${called(token, ends)}: the model says ${percent(model)} %`;
  return by ? `${said}, removed by ${by}` : `${said}, after the samplers ${percent(final)} %`;
}

function notShown(rest) {
  if (!rest.length) return "";
  const mass = rest.reduce((sum, token) => sum + token.final, 0);
  return `${count(rest.length)} tokens more have ${mass ? probability(mass) : "0 %"} together.`;
}
