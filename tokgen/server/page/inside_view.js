// Look inside: how the model comes from the tokens that it sees to the distribution, stage by stage.

import { mostBars } from "./bars.js";
import { make, put } from "./dom.js";
import { heatmap } from "./heatmap.js";
import { fixed, percent } from "./numbers.js";
import { called, isWord, shown } from "./signs.js";

const LISTED = 8;

export function insideView() {
  const element = make("div", { class: "inside" });

  function show(told, symbols) {
    const last = told.explanation.at(-1).values;
    const seen = make(
      "li",
      {},
      head({ name: "ids of the tokens that the model sees", shape: [told.ids.length] }, 0),
      idTable(told),
    );
    const stages = told.explanation.map((stage, at) =>
      make("li", widthOf(stage, symbols), head(stage, at + 1), body(stage, symbols, last)),
    );
    put(
      element,
      make(
        "p",
        { class: "note" },
        "From what the model sees, ",
        make("b", { class: "window" }, told.window.map(shown).join(" ")),
        ", to the next token. These are the model's own numbers, before any sampler.",
      ),
      make("ol", {}, seen, stages),
    );
  }

  return { element, show };
}

const head = ({ name, shape }, at) =>
  make(
    "h2",
    {},
    make("span", { class: "order" }, at + 1),
    name,
    make("span", { class: "shape" }, shape.join(" × ")),
  );

// A table of words may be wider than the screen: it is scrolled with the keyboard too.
const widthOf = ({ columns }, symbols) =>
  columns && mostBars(symbols) < symbols.length ? { class: "wide", tabindex: 0 } : {};

function body(stage, symbols, last) {
  const ofTokens = stage.rows.length === symbols.length && stage.shape[0] === symbols.length;
  if (ofTokens && stage.shape.length === 1) {
    const most = mostBars(symbols);
    const all = symbols.map((_, at) => at);
    return columns(stage, symbols, symbols.length > most ? likeliest(last, most) : all);
  }
  if (ofTokens) return numbers(stage, likeliest(last, LISTED));
  if (stage.columns || (stage.rows.length && stage.shape.length === 1))
    return numbers(
      stage,
      stage.rows.map((_, at) => at),
    );
  return heatmap(stage.values, {
    rows: stage.rows.map(shown),
    label: `${stage.name}: ${stage.shape.join(" by ")} numbers as colours`,
    shares: stage.shares,
  });
}

function idTable({ window, ids }) {
  const line = (name, cells) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      cells.map((each) => make("td", {}, each)),
    );
  return make("table", {}, make("tbody", {}, line("token", window.map(shown)), line("id", ids)));
}

function likeliest(last, count) {
  return last
    .map((_, at) => at)
    .sort((a, b) => last[b] - last[a])
    .slice(0, count);
}

// One number for each token listed, from the line of zero up or down.
function columns({ name, values }, symbols, listed) {
  const most = Math.max(...values, 0);
  const least = Math.min(...values, 0);
  const span = most - least || 1;
  const sums = Math.abs(values.reduce((sum, value) => sum + value, 0) - 1) < 1e-6 && least === 0;
  const written = (at) => (sums ? `${percent(values[at])} %` : fixed(values[at]));
  const place = (value) => `${(100 * (value - least)) / span}%`;
  const made = listed.map((at) => {
    const value = values[at];
    const bar = make("span", { class: value < 0 ? "bar below" : "bar" });
    bar.style.height = `${(100 * Math.abs(value)) / span}%`;
    bar.style.bottom = place(Math.min(value, 0));
    return make(
      "span",
      { class: "column", title: `${called(symbols[at])}: ${written(at)}` },
      make("span", { class: "track" }, bar, least < 0 && zero(place(0))),
      make("span", { class: isWord(symbols[at]) ? "letter word" : "letter" }, shown(symbols[at])),
    );
  });
  const best = likeliest(values, 3).map((at) => `${shown(symbols[at])} ${written(at)}`);
  const isEven = most === Math.min(...values);
  const said = isEven ? `each ${written(0)}` : `highest: ${best.join(", ")}`;
  const kind = listed.some((at) => symbols[at].length > 2) ? "columns pieces" : "columns";
  return [
    make("div", { class: kind, role: "img", "aria-label": `${name}: ${said}` }, made),
    make("p", { class: "note" }, said),
  ];
}

function zero(place) {
  const line = make("span", { class: "zero" });
  line.style.bottom = place;
  return line;
}

function numbers({ values, rows, columns: names, shares }, listed) {
  const two = Array.isArray(values[0]);
  const line = (at) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, rows[at].trim() ? rows[at] : shown(rows[at])),
      (two ? values[at] : [values[at]]).map((value) => cell(value, shares)),
    );
  const top =
    names &&
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("td", {}),
        names.map((name) => make("th", { scope: "col" }, name)),
      ),
    );
  return make("table", {}, top, make("tbody", {}, listed.map(line)));
}

function cell(value, isShare) {
  const element = make("td", { class: isShare ? "share" : null }, readable(value));
  element.style.setProperty("--strength", `${100 * value}%`);
  return element;
}

const readable = (value) => (Number.isInteger(value) ? String(value) : value.toPrecision(3));
