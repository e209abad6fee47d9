// What the keys do.

import { button, make, put } from "./dom.js";

const KEYS = [
  ["Enter", "draw the next token; on a bar: choose that token"],
  ["← →", "take a token back, put it back (outside fields); on bars: to the next bar"],
  ["Shift + Enter", "draw to the end"],
  ["↑ ↓", "on the handle ⠿ of a sampler: move it in the chain"],
  ["Tab", "to the next control; a row of bars, letters or nodes is one stop"],
  ["G", "in the tree: go to the node"],
  ["← → Home End", "on the curve of the loss: read another step"],
];

export function helpDialog(dialog) {
  const rows = KEYS.map(([key, said]) =>
    make("tr", {}, make("th", { scope: "row" }, key), make("td", {}, said)),
  );
  put(
    dialog,
    make("h2", { id: "help-title" }, "Keys"),
    make("table", {}, make("tbody", {}, rows)),
    make("p", {}, "The link in the address bar holds all that you see: send it to a class."),
    button("Close", () => dialog.close(), { class: "main" }),
  );
  return () => dialog.showModal();
}
