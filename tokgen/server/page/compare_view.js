// Compare: two models, or two sampler chains, after the same text.

import { UNIT, bars, peak } from "./bars.js";
import { make } from "./dom.js";
import { fixed } from "./numbers.js";
import { shown as signOf } from "./signs.js";

// `force`: told the id of a token of A's model. `choose`: told the model of B.
export function compareView({ force, choose, refuse }) {
  let shown = null;
  const sides = ["A", "B"].map((name, at) => ({
    name,
    chart: bars(`The next token, ${name}`, (id) => chosen(at, id)),
    said: make("span", { class: "note" }),
  }));
  const model = make("select", { "aria-label": "Model of B", onchange: () => choose(model.value) });
  const heads = sides.map(({ name, said }) =>
    make("h2", {}, make("span", { class: "order" }, name), name === "B" && model, said),
  );
  const halves = sides.map(({ chart }, at) =>
    make("section", { class: `half ${"ab"[at]}` }, heads[at], chart.element),
  );

  // Models with other vocabularies have other ids for the same token.
  function idOfA(at, id) {
    const [a, b] = shown;
    if (at === 0 || id === b.end_id) return at === 0 ? id : a.end_id;
    return a.next.findIndex(({ token }, each) => each !== a.end_id && token === b.next[id].token);
  }

  function chosen(at, id) {
    const own = idOfA(at, id);
    if (own >= 0) force(own);
    else refuse(`The model of A has no token ${signOf(shown[at].next[id].token)}.`);
  }

  function showModels(state, facts) {
    if (model.options.length !== facts.models.length)
      model.replaceChildren(...facts.models.map((name) => make("option", { value: name }, name)));
    model.value = state.other.model ?? facts.models[0];
  }

  function show(steps, state, facts) {
    shown = steps;
    const highest = Math.max(...steps.filter(({ error }) => !error).map(peak));
    steps.forEach((step, at) => {
      const { chart, said } = sides[at];
      chart.element.hidden = Boolean(step.error);
      said.classList.toggle("error", Boolean(step.error));
      if (!step.error) chart.show(step, { sorted: false, top: highest });
      const named = at === 0 ? `${state.model ?? facts.model} · ` : "";
      said.textContent = step.error ?? `${named}${toldOf(step)}`;
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
  return { element: make("div", { class: "compare" }, legend, halves), show, showModels };
}

function toldOf(step) {
  const samplers = step.stages?.map(({ sampler }) => sampler).join(", then ") || "no sampler";
  return `${samplers} · entropy ${fixed(step.entropy_bits)} bits`;
}
