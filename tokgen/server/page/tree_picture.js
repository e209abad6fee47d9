// How nodes and edges of a tree look, and how much room they take.

import { draw } from "./dom.js";
import { percent } from "./numbers.js";
import { isWord, shown } from "./signs.js";

export const LEFT = 30;
export const TOP = 24;
const HEIGHT = 26;
const WIDEST = 26;
// Of a long token the beginning is shown.
const LONGEST = 14;
const LETTER = { width: 10.3, margin: 16 };

export const cut = (sign, most = LONGEST) =>
  sign.length > most ? `${sign.slice(0, most - 1)}…` : sign;

const signOf = ({ node, parent }) => (parent ? cut(shown(node.token)) : "…");

export const widthOf = (each) =>
  Math.max(HEIGHT, signOf(each).length * LETTER.width + LETTER.margin);

// `across` and `down`: from a column to the next one, and from a row.
export function drawing({ across, down }) {
  // The left edge of a node, and its middle.
  const x = (each) => LEFT + each.level * across;
  const y = (each) => TOP + each.row * down;

  function edge(each) {
    const from = [x(each.parent) + widthOf(each.parent) + 2, y(each.parent)];
    const to = [x(each) - 2, y(each)];
    const middle = (from[0] + to[0]) / 2;
    const { prob, path_prob: path, left_out_prob: rest } = each.node;
    const line = draw("path", {
      class: each.rest ? "edge rest" : "edge",
      d: `M${from}C${middle} ${from[1]} ${middle} ${to[1]} ${to}`,
      "stroke-width": Math.max(1, WIDEST * (each.rest ? path * rest : path)),
    });
    if (each.rest) return line;
    const share = { class: "share", x: to[0] - 8, y: to[1] - 6 };
    return draw("g", {}, line, draw("text", share, `${percent(prob)} %`));
  }

  const rest = (each) =>
    draw(
      "text",
      { x: x(each) + 4, y: y(each) + 5, class: "rest" },
      `${each.node.left_out} more: ${percent(each.node.left_out_prob)} %`,
    );

  function node(each, title, attributes) {
    const width = widthOf(each);
    const sign = isWord(each.node.token) ? { y: 4, class: "word" } : { y: 6 };
    return draw(
      "g",
      { transform: `translate(${x(each)} ${y(each)})`, ...attributes },
      draw("rect", { y: -HEIGHT / 2, width, height: HEIGHT, rx: HEIGHT / 2 }),
      draw("text", { x: width / 2, ...sign }, signOf(each)),
      draw("title", {}, title),
    );
  }

  return { edge, rest, node };
}
