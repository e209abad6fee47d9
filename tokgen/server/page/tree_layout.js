// Where each node of a tree stands, and which one is next to it.

import { keyOf } from "./state.js";

const MOST_ROWS = 400;

// A leaf a row, a level a column; a node lies between its first child and its last.
export function place(node, level, rows, closed, placed, parent = null) {
  const one = { node, level, parent, row: 0 };
  placed.push(one);
  const children = closed.has(keyOf(node.ids)) || rows.next > MOST_ROWS ? [] : node.children;
  if (!children.length) one.row = rows.next++;
  else {
    const below = children.map((child) => place(child, level + 1, rows, closed, placed, one));
    if (node.left_out)
      placed.push({ node, level: level + 1, parent: one, row: rows.next++, rest: true });
    one.row = (below[0].row + below.at(-1).row) / 2;
  }
  return one;
}

export function neighbour(key, each, placed) {
  if (key === "ArrowLeft") return each.parent;
  if (key === "ArrowRight") return placed.find((one) => one.parent === each);
  const level = placed.filter((one) => one.level === each.level).sort((a, b) => a.row - b.row);
  const at = level.indexOf(each);
  if (key === "ArrowUp") return level[at - 1];
  if (key === "ArrowDown") return level[at + 1];
  return null;
}
