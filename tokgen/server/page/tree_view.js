// Tree: what may follow, and what may follow that. An edge is as wide as the probability of the path.

import { draw, make, put } from "./dom.js";
import { percent } from "./numbers.js";
import { called, isWord, shown } from "./signs.js";
import { keyOf } from "./state.js";
import { neighbour, place } from "./tree_layout.js";

const ROW = { least: 27, most: 44 };
const COLUMN = { least: 150, most: 300 };
const LEFT = 56;
const WIDEST = 26;

export function treeView({ more, step, change }) {
  const picture = draw("svg", {
    role: "group",
    "aria-label": "Generation tree: arrow keys move, Enter opens or closes",
  });
  const depth = field("Levels", 1, 8, (value) => change({ depth: value }));
  const width = field("Branches", 1, 30, (value) => change({ width: value }));
  const help = make(
    "span",
    { class: "note" },
    "Enter or a click opens and closes a node; G goes there.",
  );
  const element = make(
    "div",
    { class: "tree" },
    make("p", { class: "legend" }, depth.element, width.element, help),
    make("div", { class: "scroll" }, picture),
  );
  let root = null;
  let [across, down] = [COLUMN.least, ROW.least];
  let closed = new Set();
  let focused = "";

  function show(tree) {
    root = tree;
    closed = new Set();
    focused = keyOf(tree.ids);
    paint();
  }

  function paint() {
    const placed = [];
    place(root, 0, { next: 0 }, closed, placed);
    const rows = Math.max(...placed.map((each) => each.row)) + 1;
    const columns = Math.max(...placed.map((each) => each.level)) + 1;
    fit(rows, columns);
    const size = { width: LEFT + columns * across, height: rows * down + 16 };
    picture.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    picture.style.width = `${size.width / 16}rem`;
    picture.style.height = `${size.height / 16}rem`;
    put(
      picture,
      placed.filter((each) => each.parent).map(edge),
      placed.map((each) => node(each, placed)),
    );
  }

  // A small tree takes the room that there is.
  function fit(rows, columns) {
    const room = picture.parentElement;
    const pixels = 16 / parseFloat(getComputedStyle(document.documentElement).fontSize);
    across = between(COLUMN, (room.clientWidth * pixels - LEFT) / columns);
    down = between(ROW, (room.clientHeight * pixels - 24) / rows);
  }

  const x = (each) => LEFT + each.level * across - (each.rest ? 10 : 0);
  const y = (each) => 24 + each.row * down;

  function edge(each) {
    const [fromX, fromY, toX, toY] = [
      x(each.parent) + 15,
      y(each.parent),
      x(each) - (each.rest ? 4 : 15),
      y(each),
    ];
    const middle = (fromX + toX) / 2;
    const mass = each.rest ? each.node.path_prob * each.node.left_out_prob : each.node.path_prob;
    const line = draw("path", {
      class: each.rest ? "edge rest" : "edge",
      d: `M${fromX} ${fromY}C${middle} ${fromY} ${middle} ${toY} ${toX} ${toY}`,
      "stroke-width": Math.max(1, WIDEST * mass),
    });
    if (each.rest) return line;
    return draw(
      "g",
      {},
      line,
      draw("text", { class: "share", x: toX - 8, y: toY - 6 }, `${percent(each.node.prob)} %`),
    );
  }

  function node(each, placed) {
    const { node: token } = each;
    if (each.rest)
      return draw(
        "text",
        { x: x(each), y: y(each) + 5, class: "rest" },
        `${token.left_out} more: ${percent(token.left_out_prob)} %`,
      );
    const key = keyOf(token.ids);
    const group = draw(
      "g",
      {
        role: "button",
        tabindex: key === focused ? 0 : -1,
        class: token.ended ? "node end" : "node",
        "aria-label": spoken(token, closed),
        "aria-expanded": token.ended ? null : String(token.children.length > 0 && !closed.has(key)),
        transform: `translate(${x(each)} ${y(each)})`,
        onclick: () => open(token),
        onkeydown: (event) => pressed(event, each, placed),
      },
      draw("circle", { r: 13 }),
      draw("text", isWord(token.token) ? { y: 4, class: "word" } : { y: 6 }, label(token, root)),
      draw("title", {}, called(token.token, token.ended)),
    );
    group.dataset.key = key;
    return group;
  }

  async function open(token) {
    focused = keyOf(token.ids);
    if (token.children.length) closed.has(focused) ? closed.delete(focused) : closed.add(focused);
    else if (!token.ended) {
      const grown = await more(token.ids.slice(root.ids.length));
      if (!grown) return;
      token.children = scaled(grown.children, token.path_prob);
      Object.assign(token, { left_out: grown.left_out, left_out_prob: grown.left_out_prob });
    }
    paint();
    focusOn(focused);
  }

  function pressed(event, each, placed) {
    if (event.key === "Enter" || event.key === " ") open(each.node);
    else if (event.key === "g" || event.key === "G") step(each.node.ids.slice(root.ids.length));
    else {
      const to = neighbour(
        event.key,
        each,
        placed.filter((one) => !one.rest),
      );
      if (!to) return;
      focusOn(keyOf(to.node.ids));
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function focusOn(key) {
    focused = key;
    for (const each of picture.querySelectorAll(".node")) {
      each.setAttribute("tabindex", each.dataset.key === key ? 0 : -1);
      if (each.dataset.key === key) each.focus();
    }
  }

  function showSize(size) {
    depth.set(size.depth);
    width.set(size.width);
  }

  return { element, show, showSize };
}

const between = ({ least, most }, wanted) => Math.max(least, Math.min(most, wanted));

// What follows a node was asked for with the node as its beginning.
const scaled = (children, share) =>
  children.map((child) => ({ ...child, path_prob: child.path_prob * share }));

const label = (token, root) => (token === root ? "…" : shown(token.token));

function spoken(token, closed) {
  const text = shown(token.text);
  return `${text}: ${percent(token.prob)} % after the token before, the whole path ${percent(token.path_prob)} %${closed.has(keyOf(token.ids)) ? ", closed" : ""}`;
}

function field(name, least, most, changed) {
  const input = make("input", {
    type: "number",
    min: least,
    max: most,
    onchange: () => input.checkValidity() && changed(Number(input.value)),
  });
  return { element: make("label", {}, `${name} `, input), set: (value) => (input.value = value) };
}
