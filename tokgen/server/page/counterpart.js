// A place in the terms of another model, which may have other ids and other columns.

import { ask } from "./server.js";

const known = new Map();

export function factsOf(model) {
  if (!known.has(model)) {
    const asked = ask("facts", { model });
    known.set(model, asked);
    asked.catch(() => known.delete(model));
  }
  return known.get(model);
}

// The same text for the model `other`, told what it can be told.
export async function placeFor(other, place) {
  const [here, there] = await Promise.all([factsOf(place.model), factsOf(other)]);
  const given = place.given && toldTo(there, place.given);
  if (here.symbols.join("\0") === there.symbols.join("\0"))
    return { ...place, model: other, given };
  return { model: other, typed: await textOf(place), drawn: [], given };
}

const toldTo = ({ columns }, given) =>
  Object.fromEntries(
    Object.entries(given).filter(([column, value]) => columns[column]?.includes(value)),
  );

// What was typed may be longer than what the tokens spell so far.
async function textOf(place) {
  if (!place.drawn.length) return place.typed;
  const { path } = await ask("path", place);
  const read = path.map(({ token }) => token).join("");
  return read.length > place.typed.length ? read : place.typed;
}
