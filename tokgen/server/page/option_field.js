// One option of a sampler or of a model: a slider with its number, or a field for what is no number.

import { make } from "./dom.js";

const WITHOUT_MOST = { int: 30, float: 3 };

export function optionField(sampler, option, set) {
  const value = sampler.options[option.name] ?? option.default;
  const name = `${sampler.name}: ${option.name}`;
  const text = make("span", { class: "name", title: option.said }, option.name);
  if (option.choices) return choiceField(option, value, name, text, set);
  if (!["int", "float"].includes(option.kind)) return textField(option, value, name, text, set);
  const max = option.most ?? mostOf(option, value);
  const range = { min: option.least ?? 0, max, step: stepOf(option, max) };
  const slider = make("input", {
    type: "range",
    ...range,
    value: value ?? 0,
    "aria-label": name,
    oninput: () => both(slider.value),
  });
  const number = make("input", {
    type: "number",
    step: "any",
    placeholder: option.placeholder,
    value: value ?? "",
    "aria-label": `${name}, as a number`,
    onchange: () => (isEmptied() ? setBack() : both(number.value)),
  });
  // An option that must be given has nothing to be set back to.
  const isEmptied = () =>
    number.value === "" &&
    !number.validity.badInput &&
    (option.default !== null || option.placeholder !== undefined);
  function setBack() {
    number.value = option.default ?? "";
    slider.value = option.default ?? 0;
    set(option.default);
  }
  function both(written) {
    if (written === "" || !Number.isFinite(Number(written))) return;
    slider.value = number.value = written;
    set(Number(written));
  }
  return make("div", { class: "option" }, text, slider, number);
}

function choiceField(option, value, name, text, set) {
  const field = make(
    "select",
    { "aria-label": name, onchange: () => set(option.choices[field.selectedIndex]) },
    option.choices.map((choice) => make("option", {}, String(choice))),
  );
  field.selectedIndex = option.choices.indexOf(value);
  return make("div", { class: "option text" }, text, field);
}

function textField(option, value, name, text, set) {
  const field = make("input", {
    "aria-label": name,
    placeholder: option.said,
    value:
      value === null || value === undefined
        ? ""
        : typeof value === "string"
          ? value
          : JSON.stringify(value),
    onchange: () => set(jsonOr(field.value)),
  });
  return make("div", { class: "option text" }, text, field);
}

function jsonOr(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const mostOf = (option, value) => Math.max(WITHOUT_MOST[option.kind], value ?? 0);

// A slider of small numbers has small steps.
function stepOf({ kind }, max) {
  if (kind === "int") return 1;
  return Math.min(0.01, 10 ** Math.floor(Math.log10(max / 100)));
}

// Options without a customary value begin in the middle of what they may be. A sampler that needs
// none has its first one named, since without any it may be refused.
export function firstOptions({ options }) {
  const numbers = options.filter((option) => ["int", "float"].includes(option.kind));
  const needed = numbers.filter((option) => option.default === null);
  const named = needed.length ? needed : numbers.slice(0, 1);
  return Object.fromEntries(named.map((option) => [option.name, option.default ?? first(option)]));
}

function first({ kind, least, most }) {
  if (kind === "int") return Math.max(5, least ?? 0);
  return most === null ? Math.max(1, least ?? 0) : ((least ?? 0) + most) / 2;
}
