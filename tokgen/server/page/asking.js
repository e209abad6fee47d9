// What the server is asked when the state changes: only what the open view shows, the latest alone.

import { placeFor } from "./counterpart.js";
import { latest } from "./latest.js";
import { ask } from "./server.js";
import { placeOf, written } from "./state.js";

const NAMES = 10;
const VIEWED = ["tree", "explain", "exact", "both"];
// What a view depends on besides the place.
const ALSO = {
  tree: ["chain", "tree"],
  exact: ["chain", "conditions"],
  compare: ["chain", "other"],
};

// The most probable documents may be found where the figures would take too much memory.
function tooLarge(error) {
  if (error.field !== "memory") throw error;
  return { refused: error.message };
}

// `shows`: what is done with each answer. `lookedAt`: the ids behind which one looks.
export function asking(state, lookedAt, shows, { right, fail }) {
  function want(name, work) {
    const show = (answer) => {
      right(name);
      shows[name](answer);
    };
    return latest(work, show, (error) => error.name !== "AbortError" && fail(name, error));
  }

  const one = (name) => want(name, (body) => ask(name, body));
  const [step, path, tree, explain] = ["step", "path", "tree", "explain"].map(one);
  const exact = want("exact", exactly);
  const both = want("both", ({ one, other }) => Promise.all([ask("step", one), ofOther(other)]));

  const here = () => placeOf(state, lookedAt());
  const under = (chain) => ({ ...here(), samplers: written(chain) });

  let exactWork = new AbortController();

  async function exactly({ positions, ...body }) {
    const { signal } = exactWork;
    shows.waiting();
    const figures = await ask("exact", { ...body, positions }, signal).catch(tooLarge);
    shows.figures(figures);
    return [figures, await ask("top", { ...body, count: NAMES }, signal)];
  }

  // It may take long: what nobody looks at any longer is not computed to its end.
  function stopExact() {
    exactWork.abort();
    exactWork = new AbortController();
  }

  function leave() {
    for (const name of VIEWED) right(name);
    stopExact();
  }

  function exactBody() {
    const { conditions } = state;
    const positions = Object.keys(conditions).length > 0;
    return { ...under(state.chain), conditions, positions };
  }

  // What is wrong with B alone leaves A as it is.
  async function ofOther({ place, model, samplers }) {
    try {
      return await ask("step", { ...(await placeFor(model, place)), samplers });
    } catch (error) {
      return { error: error.message };
    }
  }

  function pairOfBodies() {
    const { model, chain } = state.other;
    return {
      one: under(state.chain),
      other: { place: here(), model, samplers: written(chain) },
    };
  }

  function refresh(before) {
    const changed = (...names) => names.some((name) => state[name] !== before[name]);
    // A text for a model in training need not be one for the model that the other views show.
    if (state.view === "train") return leave();
    const placed = changed("model", "typed", "drawn", "given") || before.view === "train";
    if (placed || changed("chain")) step(under(state.chain));
    if (placed) path(placeOf(state));
    const anew = placed || changed("view");
    if (changed("view")) leave();
    const viewed = {
      tree: () => tree({ ...under(state.chain), ...state.tree }),
      inside: () => explain(here()),
      exact: () => {
        stopExact();
        exact(exactBody());
      },
      compare: () => both(pairOfBodies()),
    };
    if (anew || changed(...(ALSO[state.view] ?? []))) viewed[state.view]?.();
  }

  // What follows a node of the tree.
  const more = (ids) =>
    ask("tree", {
      ...under(state.chain),
      drawn: [...lookedAt(), ...ids],
      depth: 1,
      width: state.tree.width,
    });

  return { refresh, more };
}
