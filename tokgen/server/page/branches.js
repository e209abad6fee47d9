// The ways that were walked, as a tree: what they have in common stands once.

import { button, make, put } from "./dom.js";
import { keyOf, startsWith } from "./state.js";
import { reach, rove } from "./roving.js";
import { isWord, shown } from "./signs.js";

export function branches(goTo, forget) {
  const tree = make("div", { class: "branches", role: "group", "aria-label": "Places visited" });
  const element = make("section", {}, make("h2", {}, "Branches"), tree);
  rove(tree, "button.branch", { back: ["ArrowUp", "ArrowLeft"], on: ["ArrowDown", "ArrowRight"] });

  let shownNow = [];

  // A slider changes no branch.
  function show(state, facts) {
    const now = [state.typed, state.drawn, state.visited, facts];
    if (now.every((each, at) => each === shownNow[at])) return;
    shownNow = now;
    const rows = runs(state.visited, [], facts, 0);
    const begun = row(
      { path: [], label: state.typed ? shown(state.typed) : "(beginning)", depth: 0 },
      state,
    );
    put(
      tree,
      begun,
      rows.map((each) => row({ ...each, depth: each.depth + 1 }, state)),
      state.visited.length > 1 && button("Forget the others", forget, { class: "quiet" }),
    );
    const all = [...tree.querySelectorAll("button.branch")];
    reach(all, all.find((each) => each.getAttribute("aria-current") === "true") ?? all[0]);
  }

  function row({ path, label, depth }, state) {
    const here = keyOf(path) === keyOf(state.drawn);
    const element = button(label, () => goTo(path), {
      class: "branch",
      "aria-current": here ? "true" : null,
    });
    element.style.setProperty("--depth", depth);
    return element;
  }

  return { element, show };
}

// Tokens that follow each other without a fork are one row.
function runs(paths, start, facts, depth) {
  const after = paths.filter((path) => path.length > start.length && startsWith(path, start));
  const firsts = [...new Set(after.map((path) => path[start.length]))];
  return firsts.flatMap((id) => {
    let path = [...start, id];
    const through = after.filter((each) => startsWith(each, path));
    while (
      through.every(
        (each) => each.length > path.length && each[path.length] === through[0][path.length],
      )
    ) {
      path = through[0].slice(0, path.length + 1);
    }
    const label = path
      .slice(start.length)
      .map((each) => nameOf(each, facts))
      .join("");
    return [{ path, label, depth }, ...runs(through, path, facts, depth + 1)];
  });
}

// A word would look like letters of the text.
function nameOf(id, facts) {
  const symbol = facts.symbols[id] ?? "?";
  return isWord(symbol) ? ` (${shown(symbol)})` : shown(symbol);
}
