// Compare: two models, or two sampler chains, after the same text.

import { UNIT, bars, peak } from "./bars.js";
import { make } from "./dom.js";
import { fixed } from "./numbers.js";

export function compareView({ force, choose }) {
  const sides = ["A", "B"].map((name) => ({
    name,
    chart: bars(`The next token, ${name}`, force),
    said: make("span", { class: "note" }),
  }));
  const model = make("select", { "aria-label": "Model of B", onchange: () => choose(model.value) });
  const heads = sides.map(({ name, said }) =>
    make("h2", {}, make("span", { class: "order" }, name), name === "B" && model, said),
  );
  const halves = sides.map(({ chart }, at) =>
    make("section", { class: `half ${"ab"[at]}` }, heads[at], chart.element),
  );

  function show(steps, state, facts) {
    if (model.options.length !== facts.models.length)
      model.replaceChildren(...facts.models.map((name) => make("option", { value: name }, name)));
    model.value = state.other.model ?? facts.models[0];
    const highest = Math.max(...steps.map(peak));
    steps.forEach((step, at) => {
      sides[at].chart.show(step, { sorted: false, top: highest });
      const samplers = step.stages?.map((stage) => stage.sampler).join(", then ") || "no sampler";
      const named = at === 0 ? `${state.model ?? facts.model} · ` : "";
      sides[at].said.textContent = `${named}${samplers} · entropy ${fixed(step.entropy_bits)} bits`;
    });
  }

  const legend = make(
    "p",
    { class: "legend" },
    make("span", { class: "model" }, "the model"),
    make("span", { class: "final" }, "A after its samplers"),
    make("span", { class: "other" }, "B after its samplers"),
    make("span", {}, UNIT),
  );
  return { element: make("div", { class: "compare" }, legend, halves), show };
}
