// Exact: what is known of all documents that go on from here, none of them drawn.

import { button, make, put } from "./dom.js";
import { fixed, percent, probability } from "./numbers.js";
import { shown } from "./signs.js";

const FIELDS = [
  ["pattern", "Pattern", "?a?esh", "? is one character, * any number, [aeiou] one of these"],
  ["length", "Length", "4..6", "a number, or from..to"],
  ["suffix", "Ends with", "sh", "the last characters"],
  ["contains", "Contains", "ee", "characters in a row"],
  ["exclude", "Without", "xq", "none of these letters"],
];
const LONGEST = 24;
// The page tells all information in bits.
const inBits = (nats) => (nats === null ? null : nats / Math.LN2);

export function exactView({ compute }) {
  const inputs = new Map(
    FIELDS.map(([name, label, example, title]) => [
      name,
      make("input", {
        placeholder: example,
        title,
        "aria-label": label,
        autocapitalize: "none",
        spellcheck: "false",
      }),
    ]),
  );
  const novel = make("input", { type: "checkbox" });
  const fields = FIELDS.map(([name, label]) => make("label", {}, label, inputs.get(name)));
  const form = make(
    "form",
    { onsubmit: submitted },
    fields,
    make("label", { class: "check" }, novel, "not in the corpus"),
    button("Compute", null, { type: "submit", class: "main" }),
  );
  const cards = make("div", { class: "cards", "aria-live": "polite" });

  function submitted(event) {
    event.preventDefault();
    const asked = [...inputs]
      .map(([name, input]) => [name, input.value.trim()])
      .filter(([, value]) => value);
    compute({ ...Object.fromEntries(asked), ...(novel.checked ? { novel: true } : {}) });
  }

  function showConditions(conditions) {
    for (const [name, input] of inputs) input.value = conditions[name] ?? "";
    novel.checked = conditions.novel ?? false;
  }

  const wait = () =>
    put(cards, make("p", { class: "note" }, "Computing: no document is drawn, all are counted…"));

  const stop = () => put(cards);

  function show(figures, top) {
    put(cards, share(figures), lengths(figures), positions(figures), names(top));
  }

  return {
    element: make("div", { class: "exact" }, form, cards),
    show,
    showConditions,
    wait,
    stop,
  };
}

const card = (title, ...inside) =>
  make("section", { class: "card" }, make("h2", {}, title), inside.flat());
const row = (name, value) =>
  make("div", { class: "figure" }, make("dt", {}, name), make("dd", {}, value));

function share(figures) {
  const rows = [
    ["prefix_prob", "begin with this text", probability],
    ["condition_prob", "fulfil the conditions", probability],
    ["condition_prob_at_least", "fulfil the conditions, at least", probability],
    ["condition_prob_at_most", "fulfil the conditions, at most", probability],
  ];
  const given = [
    ["unexplored", "not searched", probability],
    ["unexplored_at_most", "not searched, at most", probability],
    ["in_corpus", "are in the corpus", probability],
    ["in_train", "of it, in what was trained on", probability],
    ["in_held_out", "of it, held out", probability],
    ["expected_length", "mean length", (value) => fixed(value)],
    ["expected_length_at_least", "mean length, at least", (value) => fixed(value)],
    ["entropy_bits", "entropy, bits", (value) => fixed(value)],
    ["entropy_bits_at_least", "entropy at least, bits", (value) => fixed(value)],
    ["kl_from_model_nats", "distance from the model alone, bits", (value) => fixed(inBits(value))],
  ];
  const told = (list) =>
    list
      .filter(([key]) => key in figures)
      .map(([key, name, said]) => row(name, said(figures[key])));
  const first = told(rows);
  const kind = figures.states
    ? `Exact: a chain of ${figures.states.toLocaleString("en")} states.`
    : figures.prefixes
      ? `Bounds: ${figures.prefixes.toLocaleString("en")} prefixes were searched.`
      : "";
  return card(
    "Of all documents",
    first.length > 0 && [make("dl", {}, first), make("h3", {}, "Of those that do")],
    make("dl", {}, told(given)),
    make("p", { class: "note" }, kind),
  );
}

function lengths(figures) {
  const law = Object.entries(figures.lengths ?? figures.lengths_at_least ?? {}).map(
    ([length, mass]) => ({ length: Number(length), mass }),
  );
  const listed = law
    .filter(({ mass, length }) => length <= LONGEST || mass > 0.05)
    .slice(0, LONGEST + 1);
  const most = Math.max(...listed.map(({ mass }) => mass), 1e-9);
  const bars = listed.map(({ length, mass }) => {
    const bar = make("span", { class: "bar" });
    bar.style.height = `${(100 * mass) / most}%`;
    return make(
      "span",
      { class: "column", title: `${length} characters: ${probability(mass)}` },
      make("span", { class: "track" }, bar),
      make("span", { class: "letter" }, listed.length > 16 && length % 2 ? "\u00a0" : length),
    );
  });
  const best = listed.find(({ mass }) => mass === most);
  const said = best ? `Most often ${best.length} characters: ${probability(most)}` : "";
  const title = figures.lengths ? "Length in characters" : "Length in characters, at least";
  return card(
    title,
    make("div", { class: "columns", role: "img", "aria-label": said }, bars),
    make("p", { class: "note" }, said),
  );
}

function positions(figures) {
  const table = figures.positions ?? figures.positions_at_least;
  if (!table) return null;
  const columns = table.slice(0, 12).map((position, at) => {
    const tokens = Object.entries(position)
      .filter(([, prob]) => prob >= 0.005)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 6);
    return make(
      "li",
      { "aria-label": `Position ${at + 1}` },
      tokens.map(([token, prob]) => {
        const element = make(
          "span",
          { class: "token" },
          shown(token),
          make("small", {}, `${percent(prob)} %`),
        );
        element.style.setProperty("--share", `${100 * prob}%`);
        return element;
      }),
    );
  });
  return card("Each position after the text", make("ol", { class: "positions" }, columns));
}

function names(top) {
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
  const title = own ? "Most probable, by the model's own probability" : "Most probable";
  return card(title, make("ol", { class: "names" }, lines));
}

// Under samplers and conditions where that is known; the model's own else.
const weight = ({ logprob, logprob_drawn: drawn }) => Math.exp(drawn ?? logprob);
