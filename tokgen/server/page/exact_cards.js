// What is exactly known of documents, as cards: figures, lengths, positions, the most probable ones.

import { make } from "./dom.js";
import { count, fixed, percent, probability } from "./numbers.js";
import { shown } from "./signs.js";

// As many lengths as can be read, from the first that is not too rare.
const MOST_LENGTHS = 30;
const RARE = 0.0005;
const MOST_POSITIONS = 12;
const MOST_TOKENS = 6;
const LEAST_TOKEN = 0.005;
// The page tells all information in bits.
const inBits = (nats) => (nats === null ? null : nats / Math.LN2);

const card = (title, ...inside) =>
  make("section", { class: "card" }, make("h2", {}, title), inside.flat());

const ASKED = [
  ["prefix_prob", "begin with this text", probability],
  ["condition_prob", "fulfil the conditions", probability],
  ["condition_prob_at_least", "fulfil the conditions, at least", probability],
  ["condition_prob_at_most", "fulfil the conditions, at most", probability],
];
const KNOWN = [
  ["unexplored", "not searched", probability],
  ["unexplored_at_most", "not searched, at most", probability],
  ["never_ending", "never end", probability],
  ["in_corpus", "are in the corpus", probability],
  ["in_train", "… in its training part", probability],
  ["in_held_out", "… in its held-out part", probability],
  ["expected_length", "mean length, characters", fixed],
  ["expected_length_at_least", "mean length, characters, at least", fixed],
  ["entropy_bits", "entropy of a document, bits", fixed],
  ["entropy_bits_at_least", "entropy of a document, bits, at least", fixed],
  ["kl_from_model_nats", "KL divergence to the model alone, bits", (nats) => fixed(inBits(nats))],
  ["unreachable", "excluded, of the model's probability", probability],
];

export function shares(figures) {
  const asked = figuresOf(ASKED, figures);
  return card(
    "Of all documents",
    asked.length > 0 && [make("dl", {}, asked), make("h3", {}, "Of those that do")],
    make("dl", {}, figuresOf(KNOWN, { ...figures, ...leftOut(figures) })),
    make("p", { class: "note" }, howFound(figures)),
  );
}

export const refusal = (said) => card("Of all documents", make("p", {}, said));

// What is told already, or is as one expects it.
function leftOut(figures) {
  const isTold = "condition_prob" in figures || !("unreachable" in figures);
  return {
    ...(figures.never_ending ? {} : { never_ending: undefined }),
    ...(isTold ? { unreachable: undefined } : {}),
  };
}

function figuresOf(list, figures) {
  const nothing = figures.never_ending ? "none: it may never end" : "unknown: it ends too rarely";
  return list
    .filter(([key]) => figures[key] !== undefined)
    .map(([key, name, written]) => {
      const value = figures[key] === null ? nothing : written(figures[key]);
      return make("div", { class: "figure" }, make("dt", {}, name), make("dd", {}, value));
    });
}

function howFound({ states, prefixes }) {
  if (states) return `Exact: a Markov chain of ${count(states)} states.`;
  return prefixes ? `Bounds: ${count(prefixes)} prefixes were searched.` : "";
}

export function lengths(figures) {
  const isExact = Boolean(figures.lengths);
  const law = new Map(
    Object.entries(figures.lengths ?? figures.lengths_at_least ?? {}).map(([length, mass]) => [
      Number(length),
      mass,
    ]),
  );
  const listed = read(law);
  const most = Math.max(...listed.map((length) => law.get(length) ?? 0), 1e-9);
  const apart = listed.length <= 16 ? 1 : listed.length <= 26 ? 2 : 5;
  const bars = listed.map((length) => {
    const mass = law.get(length) ?? 0;
    const bar = make("span", { class: "bar" });
    bar.style.height = `${(100 * mass) / most}%`;
    return make(
      "span",
      { class: "column", title: `${length} characters: ${probability(mass)}` },
      make("span", { class: "track" }, bar),
      make("span", { class: "letter" }, length % apart ? "\u00a0" : length),
    );
  });
  const said = toldOf(law, listed, most, isExact);
  return card(
    isExact ? "Length in characters" : "Length in characters, at least",
    make("div", { class: "columns", role: "img", "aria-label": said }, bars),
    make("p", { class: "note" }, said),
  );
}

function read(law) {
  const known = [...law].filter(([, mass]) => mass >= RARE).map(([length]) => length);
  const all = known.length ? known : [...law.keys()];
  if (!all.length) return [];
  const first = Math.min(...all);
  const last = Math.min(Math.max(...all), first + MOST_LENGTHS - 1);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function toldOf(law, listed, most, isExact) {
  const best = listed.find((length) => law.get(length) === most);
  if (best === undefined) return "";
  if (!isExact) return `${probability(most)} or more have ${best} characters.`;
  const longer = [...law].reduce((sum, [length, mass]) => sum + (length > listed.at(-1) ? mass : 0), 0);
  const rest = longer >= RARE ? ` ${probability(longer)} have more than ${listed.at(-1)}.` : "";
  return `Most often ${best} characters: ${probability(most)}.${rest}`;
}

export function positions(figures) {
  const table = figures.positions ?? figures.positions_at_least;
  if (!table) return null;
  const isExact = Boolean(figures.positions);
  const columns = table.slice(0, MOST_POSITIONS).map((position, at) =>
    make("li", { "aria-label": `Position ${at + 1}` }, tokensOf(position)),
  );
  const unit = isExact ? "%" : "%, at least";
  return card(`Each position after the text, ${unit}`, make("ol", { class: "positions" }, columns));
}

function tokensOf(position) {
  const likeliest = Object.entries(position)
    .filter(([, prob]) => prob >= LEAST_TOKEN)
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_TOKENS);
  return likeliest.map(([token, prob]) => {
    const element = make(
      "span",
      { class: "token" },
      shown(token),
      " ",
      make("small", {}, percent(prob)),
    );
    element.style.setProperty("--share", `${100 * prob}%`);
    return element;
  });
}

export function names(top) {
  const most = Math.max(...top.documents.map(weight));
  const lines = top.documents.map((document) => {
    const bar = make("span", { class: "bar" });
    bar.style.width = `${(100 * weight(document)) / most}%`;
    return make(
      "li",
      {},
      make("b", {}, document.text || "(empty)"),
      make("span", { class: "track" }, bar),
      make("span", { class: "number" }, probability(weight(document))),
    );
  });
  const own = top.documents[0].logprob_drawn === null;
  const title = own ? "Most probable, by the model's own probability" : "Most probable documents";
  return card(title, make("ol", { class: "names" }, lines));
}

// Under samplers and conditions where that is known; the model's own else.
const weight = ({ logprob, logprob_drawn: drawn }) => Math.exp(drawn ?? logprob);
