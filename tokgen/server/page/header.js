// The head of the page: views, the model and what it is told, seed, appearance, link, keys.

import { byId, button, make, put } from "./dom.js";
import { reach, rove } from "./roving.js";

const NAMES = {
  step: "Step",
  tree: "Tree",
  inside: "Look inside",
  exact: "Exact",
  compare: "Compare",
  train: "Train",
};
const THEME = "tokgen-theme";

export function header({ open, chooseModel, give, seed, help, say }) {
  const tabs = Object.entries(NAMES).map(([view, name]) =>
    button(name, () => open(view), {
      role: "tab",
      id: `tab-${view}`,
      "aria-controls": "view",
      tabindex: -1,
    }),
  );
  put(byId("views"), tabs);
  rove(byId("views"), "[role=tab]");
  const model = make("select", { "aria-label": "Model", onchange: () => chooseModel(model.value) });
  const number = make("input", {
    type: "number",
    min: 0,
    step: 1,
    onchange: () => number.checkValidity() && seed(Number(number.value)),
  });
  const link = button("Copy link", () => copied(say), { class: "quiet" });
  put(
    byId("settings"),
    model,
    make("label", {}, "Seed ", number),
    link,
    themeButton(),
    button("Keys", help, { class: "quiet" }),
  );

  function show(state, facts) {
    for (const tab of tabs)
      tab.setAttribute("aria-selected", String(tab.id === `tab-${state.view}`));
    const selected = tabs.find((tab) => tab.id === `tab-${state.view}`);
    reach(tabs, selected);
    byId("view").setAttribute("aria-labelledby", selected.id);
    number.value = state.seed;
    if (facts) showModel(state, facts);
  }

  function showModel(state, facts) {
    if (model.options.length !== facts.models.length)
      put(
        model,
        facts.models.map((name) => make("option", { value: name }, name)),
      );
    model.value = facts.model;
    const told = state.given ?? facts.given;
    put(
      byId("given"),
      Object.entries(facts.columns).map(([column, values]) =>
        columnSelect(column, values, told[column] ?? "", (value) => give(column, value)),
      ),
    );
  }

  return { show };
}

function columnSelect(name, values, told, give) {
  const select = make(
    "select",
    { "aria-label": `Given ${name}`, onchange: () => give(select.value) },
    make("option", { value: "" }, `${name}: any`),
    values.map((value) => make("option", { value }, `${name}: ${value}`)),
  );
  select.value = told;
  return select;
}

async function copied(say) {
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied: it holds all that you see.");
  } catch {
    say("The browser does not let a page copy here: the link stands in the address bar.");
  }
}

function themeButton() {
  const dark = () =>
    (document.documentElement.dataset.theme ??
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const element = button("", () => set(dark() ? "light" : "dark"), { class: "quiet" });
  function set(theme) {
    if (theme) {
      document.documentElement.dataset.theme = theme;
      localStorage.setItem(THEME, theme);
    }
    element.textContent = dark() ? "Light" : "Dark";
  }
  const kept = localStorage.getItem(THEME);
  set(["light", "dark"].includes(kept) ? kept : null);
  return element;
}
