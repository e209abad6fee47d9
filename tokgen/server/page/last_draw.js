// The last draw of a link, made once more: the same seed draws the same token.

import { ask } from "./server.js";
import { keyOf, placeOf, written } from "./state.js";

// The token with the step that it was drawn from; null where the place does not say so.
export async function drawnAgain(state) {
  const from = state.drawn.slice(0, -1);
  const sequence = (state.draws[keyOf(from)] ?? 0) - 1;
  if (!state.byChance || !state.drawn.length || sequence < 0) return null;
  const asked = { ...placeOf(state, from), samplers: written(state.chain) };
  try {
    const [token, step] = await Promise.all([
      ask("draw", { ...asked, seed: state.seed, sequence }),
      ask("step", asked),
    ]);
    return token.id === state.drawn.at(-1) ? { token, step, key: keyOf(state.drawn) } : null;
  } catch {
    return null;
  }
}
