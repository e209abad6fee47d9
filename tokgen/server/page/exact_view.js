// Exact: what is known of all documents that go on from here, none of them drawn.

import { button, make, put } from "./dom.js";
import { lengths, names, positions, refusal, shares } from "./exact_cards.js";

const FIELDS = [
  ["pattern", "Pattern", "?a?esh", "? is one character, * any number, [aeiou] one of these"],
  ["length", "Length", "4..6", "a number, or from..to"],
  ["suffix", "Ends with", "sh", "the last characters"],
  ["contains", "Contains", "ee", "characters in a row"],
  ["exclude", "Without", "xq", "none of these letters"],
];

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

  let known = null;

  function wait() {
    known = null;
    put(cards, make("p", { class: "note" }, "Computing: no document is drawn, all are counted…"));
  }

  // The figures stay where the most probable documents alone are not found.
  const stop = () => (known ? put(cards, columns(known, null)) : put(cards));

  // The figures are known before the most probable documents are.
  function show(figures, top = null) {
    known = figures;
    const awaited = make("p", { class: "note" }, "Searching for the most probable documents…");
    put(cards, columns(figures, top ? names(top) : awaited));
  }

  const columns = (figures, last) =>
    figures.refused
      ? [make("div", {}, refusal(figures.refused)), make("div", {}, last)]
      : [
          make("div", {}, shares(figures), positions(figures)),
          make("div", {}, lengths(figures), last),
        ];

  return {
    element: make("div", { class: "exact" }, form, cards),
    show,
    showConditions,
    wait,
    stop,
  };
}
