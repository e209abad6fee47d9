// What the keys do.

import { button, make, put } from "./dom.js";

const KEYS = [
  ["Enter", "draw the next token; on a bar: choose its token"],
  ["Shift + Enter", "draw to the end of the document"],
  ["← →", "undo and redo, outside fields; on bars and letters: to the next one"],
  ["↑ ↓", "on the handle ⠿ of a sampler: move it in the chain"],
  ["Tab", "to the next control; a row of bars, letters or nodes is one stop"],
  ["↑ ↓ ← →", "in the tree and the branches: to the next one"],
  ["Enter", "in the tree: open or close the node; in the branches: go there"],
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
    make("p", {}, "The link in the address bar holds all that you see, but no pasted words: send it to a class."),
    button("Close", () => dialog.close(), { class: "main" }),
  );
  return () => dialog.showModal();
}
