// A table of numbers as colours: below zero orange, above zero blue, the colour as strong as the number.
// A scale below says which number has the strongest colour.

import { make } from "./dom.js";

const CELLS_A_ROW = 64;

export function heatmap(values, { rows = [], columns = [], label, shares = false }) {
  const table = Array.isArray(values[0]) ? values : wrapped(values);
  const most = shares ? 1 : Math.max(...table.flat().map(Math.abs), 1e-9);
  const width = table[0].length;
  const cells = table.flatMap((row, at) => [
    ...(rows.length ? [make("span", { class: "row" }, rows[at])] : []),
    ...row.map((value) => cell(value, most)),
  ]);
  const head = columns.length
    ? [
        ...(rows.length ? [make("span", {})] : []),
        ...columns.map((name) => make("span", { class: "column" }, name)),
      ]
    : [];
  const grid = make("div", { class: "heat", role: "img", "aria-label": label }, head, cells);
  grid.style.gridTemplateColumns = `${rows.length ? "auto " : ""}repeat(${width}, minmax(0, 1fr))`;
  const isSigned = table.some((row) => row.some((value) => value < 0));
  return make("div", {}, grid, scale(most, isSigned));
}

const scale = (most, isSigned) =>
  make(
    "p",
    { class: "scale" },
    isSigned && `−${written(most)}`,
    make("span", { class: isSigned ? "signed" : "" }),
    `${isSigned ? "+" : "0 to "}${written(most)}`,
  );

const written = (number) => (Number.isInteger(number) ? String(number) : number.toPrecision(3));

function cell(value, most) {
  const element = make("span", {
    class: value < 0 ? "value below" : "value",
    title: value.toPrecision(4),
  });
  element.style.setProperty("--strength", `${(100 * Math.abs(value)) / most}%`);
  return element;
}

function wrapped(values) {
  const rows = [];
  for (let at = 0; at < values.length; at += CELLS_A_ROW)
    rows.push(values.slice(at, at + CELLS_A_ROW));
  return rows;
}
