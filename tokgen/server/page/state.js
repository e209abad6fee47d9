// The state of the page: where one stands, and under which samplers. Views look at it and ask the
// server; every change is told to whoever listens.

export const VIEWS = ["step", "tree", "inside", "exact", "compare", "train"];

export function beginning() {
  return {
    view: "step",
    model: null,
    typed: "",
    drawn: [],
    given: null,
    chain: [{ name: "temperature", options: { t: 1 }, on: true }],
    seed: 1,
    // How often was drawn from each place, and whether the last token was drawn.
    draws: {},
    byChance: false,
    visited: [],
    sorted: false,
    conditions: {},
    tree: { depth: 2, width: 4 },
    nodes: { opened: [], closed: [] },
    other: { model: null, chain: [{ name: "temperature", options: { t: 1 }, on: true }] },
    train: { corpus: null, model: null, options: {}, steps: "" },
  };
}

export function store(state) {
  const listeners = [];
  return {
    state,
    listen: (heard) => listeners.push(heard),
    change(patch) {
      const before = { ...state };
      Object.assign(state, patch);
      for (const heard of listeners) heard(before);
    },
  };
}

export const placeOf = (state, drawn = state.drawn) => ({
  model: state.model,
  typed: state.typed,
  drawn,
  given: state.given,
});

export const written = (chain) => chain.filter((each) => each.on).map(writtenSampler);

export function writtenSampler({ name, options }) {
  const pairs = Object.entries(options);
  if (!pairs.length) return name;
  const plain = pairs.every(([, value]) => typeof value === "number");
  return `${name}:${plain ? pairs.map(([key, value]) => `${key}=${value}`).join(",") : JSON.stringify(options)}`;
}

export const keyOf = (drawn) => drawn.join(".");

export const startsWith = (path, start) => start.every((id, index) => path[index] === id);

// The paths that were walked: none of them is the beginning of another.
export function walked(visited, drawn) {
  const longer = visited.some((path) => startsWith(path, drawn));
  if (longer) return visited;
  return [...visited.filter((path) => !startsWith(drawn, path)), drawn].slice(-60);
}
