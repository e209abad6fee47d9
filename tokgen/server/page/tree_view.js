// Tree: what may follow, and what may follow that. An edge is as wide as the probability of the path.

import { button, draw, make, put, write } from "./dom.js";
import { percent, probability } from "./numbers.js";
import { shown } from "./signs.js";
import { keyOf, startsWith } from "./state.js";
import { neighbour, place } from "./tree_layout.js";
import { LEFT, TOP, cut, drawing, widthOf } from "./tree_picture.js";

const ROW = { least: 27, most: 44 };
// What a column has besides its widest node.
const COLUMN = { least: 124, most: 290 };
const MOST_TEXT = 24;
const MOST_OPENED = 30;

// `more`: what follows a node. `step`: goes to a node. `change`: told how much of the tree is asked
// for. `toggled`: told which nodes were opened and closed.
export function treeView({ more, step, change, toggled }) {
  const picture = draw("svg", {
    role: "group",
    "aria-label": "Generation tree: arrow keys move, Enter opens or closes",
  });
  const depth = field("Levels", 1, 8, (value) => change({ depth: value }));
  const width = field("Branches", 1, 30, (value) => change({ width: value }));
  const help = make(
    "span",
    { class: "note" },
    "A click or Enter opens and closes a node.",
  );
  const said = make("span", { class: "figure", role: "status" });
  const go = button("Go there", () => goTo(nodeOf(focused)), { title: "G" });
  const element = make(
    "div",
    { class: "tree" },
    make("p", { class: "legend" }, depth.element, width.element, help, said, go),
    make("div", { class: "scroll" }, picture),
  );
  let root = null;
  let opened = [];
  let closed = new Set();
  let focused = "";

  // What was opened and closed stays so while a slider moves, and is in the link.
  async function show(tree, nodes) {
    root = tree;
    opened = nodes.opened.filter(isBelow);
    closed = new Set(nodes.closed.filter(isBelow).map(keyOf));
    closed.delete(keyOf(tree.ids));
    for (const ids of opened) await grow(nodeOf(keyOf(ids)));
    if (root !== tree) return;
    if (!nodeOf(focused)) focused = keyOf(tree.ids);
    paint();
  }

  const isBelow = (ids) => startsWith(ids, root.ids);

  function nodeOf(key, node = root) {
    if (keyOf(node.ids) === key) return node;
    return node.children.reduce((found, child) => found ?? nodeOf(key, child), null);
  }

  async function grow(token) {
    if (!token || token.ended || token.children.length) return;
    const grown = await more(token.ids.slice(root.ids.length));
    if (!grown) return;
    token.children = scaled(grown.children, token.path_prob);
    Object.assign(token, { left_out: grown.left_out, left_out_prob: grown.left_out_prob });
  }

  function paint() {
    const placed = [];
    place(root, 0, { next: 0 }, closed, placed);
    const rows = Math.max(...placed.map((each) => each.row)) + 1;
    const columns = Math.max(...placed.map((each) => each.level)) + 1;
    const { across, down } = fit(rows, columns, placed);
    const { edge, rest, node } = drawing({ across, down });
    const size = { width: LEFT + columns * across, height: rows * down + 16 };
    picture.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    picture.style.width = `${size.width / 16}rem`;
    picture.style.height = `${size.height / 16}rem`;
    tell();
    put(
      picture,
      placed.filter((each) => each.parent).map(edge),
      placed.map((each) =>
        each.rest ? rest(each) : node(each, spoken(each.node, closed), acting(each, placed)),
      ),
    );
  }

  // A small tree takes the room that there is.
  function fit(rows, columns, placed) {
    const room = picture.parentElement;
    const pixels = 16 / parseFloat(getComputedStyle(document.documentElement).fontSize);
    const widest = Math.max(...placed.filter((each) => !each.rest).map(widthOf));
    return {
      across: widest + between(COLUMN, (room.clientWidth * pixels - LEFT) / columns - widest),
      down: between(ROW, (room.clientHeight * pixels - TOP) / rows),
    };
  }

  // What a node says and does.
  function acting(each, placed) {
    const { node: token } = each;
    const key = keyOf(token.ids);
    const isOpen = token.children.length > 0 && !closed.has(key);
    return {
      role: "button",
      tabindex: key === focused ? 0 : -1,
      class: token.ended ? "node end" : "node",
      "data-key": key,
      "aria-label": spoken(token, closed),
      "aria-expanded": token.ended ? null : String(isOpen),
      onclick: () => open(token),
      onfocus: () => focusOn(key),
      onkeydown: (event) => pressed(event, each, placed),
    };
  }

  async function open(token) {
    focused = keyOf(token.ids);
    if (token.children.length) closed.has(focused) ? closed.delete(focused) : closed.add(focused);
    else if (!token.ended) {
      await grow(token);
      opened = [...opened, token.ids].slice(-MOST_OPENED);
    }
    paint();
    focusOn(focused);
    toggled({ opened, closed: [...closed].map((key) => key.split(".").filter(Boolean).map(Number)) });
  }

  const goTo = (token) => token && step(token.ids.slice(root.ids.length));

  function pressed(event, each, placed) {
    if (event.key === "Enter" || event.key === " ") open(each.node);
    else if (event.key === "g" || event.key === "G") goTo(each.node);
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
      if (each.dataset.key === key && document.activeElement !== each) each.focus();
    }
    tell();
  }

  // What the node is that is looked at.
  function tell() {
    const token = nodeOf(focused) ?? root;
    go.disabled = token === root;
    const share = token === root ? "100 %" : probability(token.path_prob);
    write(said, `the path ${cut(shown(token.text), MOST_TEXT) || "…"}: ${share}`);
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
