// Step: the distribution over the next token, and how the last one was drawn.

import { UNIT, bars } from "./bars.js";
import { cumulative } from "./cumulative.js";
import { button, make, write } from "./dom.js";
import { fixed } from "./numbers.js";

export function stepView({ force, sort }) {
  const chart = bars("The next token: choose one with Enter", force);
  const line = cumulative();
  const entropy = make("span", { class: "figure" });
  const order = button("Sort by probability", sort, { class: "quiet", "aria-pressed": "false" });
  const legend = make(
    "p",
    { class: "legend" },
    make("span", { class: "model" }, "the model"),
    make("span", { class: "final" }, "after the samplers"),
    make("span", { class: "gone" }, "removed"),
    make("span", {}, UNIT),
    entropy,
    order,
  );

  function show(step, state, drawn) {
    if (!step) return;
    chart.show(step, { sorted: state.sorted, chosen: drawn?.id });
    write(entropy, `entropy ${fixed(step.entropy_bits)} bits`);
    order.setAttribute("aria-pressed", String(state.sorted));
  }

  return {
    element: make("div", { class: "step" }, legend, chart.element, line.element),
    show,
    showLine: (step, drawn) => step && line.show(step, drawn),
  };
}
