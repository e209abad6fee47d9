// Moves in the tree of tokens: force one, draw one, take one back, put it back, go to a place.

import { ask } from "./server.js";
import { keyOf, placeOf, startsWith, walked, written } from "./state.js";

const LONGEST = 200;
const PAUSE = 120;

export function moves(store, { endOf, fail, drawnNow }) {
  const { state, change } = store;
  let undone = [];
  let running = false;

  const ended = () => state.drawn.length > 0 && state.drawn.at(-1) === endOf();

  // Whoever goes back along the way can go on with it again.
  function goTo(drawn, patch = {}) {
    if (!startsWith(state.drawn, drawn)) undone = [];
    else if (drawn.length < state.drawn.length) undone = [...undone, state.drawn];
    change({ ...patch, drawn, visited: walked(state.visited, drawn) });
  }

  function force(id) {
    const before = ended() ? state.drawn.slice(0, -1) : state.drawn;
    goTo([...before, id]);
  }

  // The n-th draw from a place is the n-th sequence of the seed, as in the REPL.
  async function drawOne() {
    if (ended()) return goTo([]);
    const { drawn } = state;
    const key = keyOf(drawn);
    const sequence = state.draws[key] ?? 0;
    try {
      const token = await ask("draw", {
        ...placeOf(state),
        samplers: written(state.chain),
        seed: state.seed,
        sequence,
      });
      if (keyOf(state.drawn) !== key) return null;
      state.draws = { ...state.draws, [key]: sequence + 1 };
      drawnNow(token);
      goTo([...drawn, token.id]);
      return token;
    } catch (error) {
      fail(error);
      return null;
    }
  }

  async function drawToTheEnd() {
    if (running) return;
    running = true;
    if (ended()) goTo([]);
    for (let count = 0; count < LONGEST && running && !ended(); count++) {
      if (!(await drawOne())) break;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    running = false;
  }

  function undo() {
    running = false;
    if (!state.drawn.length) return;
    undone.push(state.drawn);
    change({ drawn: state.drawn.slice(0, -1) });
  }

  function redo() {
    if (undone.length) change({ drawn: undone.pop() });
  }

  function type(typed) {
    undone = [];
    change({ typed, drawn: [], visited: [], draws: {} });
  }

  const forget = () => change({ visited: [state.drawn] });

  return {
    force,
    drawOne,
    drawToTheEnd,
    undo,
    redo,
    goTo,
    type,
    forget,
    forgetUndone: () => (undone = []),
    ended,
    canRedo: () => undone.length > 0,
  };
}
