// The state as a link: everything behind the #, which browsers send to nobody.

import { VIEWS, beginning, keyOf, writtenSampler } from "./state.js";

const CONDITIONS = ["pattern", "length", "suffix", "contains", "exclude"];

export function linkOf(state) {
  const link = new URLSearchParams();
  const add = (name, value) => value && link.append(name, value);
  add("view", state.view);
  add("model", state.model);
  add("text", state.typed);
  add("ids", keyOf(state.drawn));
  add("seed", String(state.seed));
  add("drawn", state.byChance && "1");
  for (const path of pathsOf(state)) add("branch", withDraws(path, state.draws));
  addGiven(link, state.given);
  for (const sampler of state.chain) add("sampler", writtenInLink(sampler));
  add("sorted", state.sorted && "1");
  for (const name of CONDITIONS) add(name, state.conditions[name]);
  add("novel", state.conditions.novel && "1");
  add("depth", state.tree.depth);
  add("width", state.tree.width);
  for (const [name, nodes] of Object.entries(state.nodes))
    for (const ids of nodes) link.append(name, keyOf(ids));
  add("other", state.other.model);
  for (const sampler of state.other.chain) add("other-sampler", writtenInLink(sampler));
  addTraining(link, add, state.train);
  return readable(link.toString());
}

export const isLinkOf = (state, link) =>
  new URLSearchParams(linkOf(state)).toString() === new URLSearchParams(link).toString();

// Browsers take a new address only so often.
export function keepLink(state) {
  clearTimeout(keeping);
  keeping = setTimeout(() => history.replaceState(null, "", `#${linkOf(state)}`), 100);
}

let keeping = 0;

export function stateOf(link) {
  const state = beginning();
  const view = link.get("view");
  if (VIEWS.includes(view)) state.view = view;
  state.model = link.get("model");
  state.typed = link.get("text") ?? "";
  state.drawn = idsOf(link.get("ids"));
  state.seed = whole(link.get("seed"), state.seed);
  state.byChance = link.has("drawn");
  const branches = link.getAll("branch").map((branch) => halves(branch, "_").map(idsOf));
  state.visited = branches.map(([path]) => path).filter((path) => path.length);
  state.draws = Object.fromEntries(branches.flatMap((branch) => drawsOf(...branch)));
  if (link.has("given"))
    state.given = Object.fromEntries(link.getAll("given").filter(Boolean).map((pair) => halves(pair)));
  if (link.has("seed")) state.chain = link.getAll("sampler").map(samplerOf);
  state.sorted = link.has("sorted");
  for (const name of CONDITIONS) if (link.get(name)) state.conditions[name] = link.get(name);
  if (link.has("novel")) state.conditions.novel = true;
  state.tree = { depth: whole(link.get("depth"), 2), width: whole(link.get("width"), 4) };
  state.nodes = { opened: link.getAll("opened").map(idsOf), closed: link.getAll("closed").map(idsOf) };
  state.other.model = link.get("other");
  if (link.has("seed")) state.other.chain = link.getAll("other-sampler").map(samplerOf);
  state.train = trainingOf(link, state.train);
  return state;
}

// Where nothing was walked, there may still have been draws from where one stands.
const pathsOf = ({ visited, drawn }) => (visited.length ? visited : [drawn]);

// A path, and how often was drawn from its beginning and from each of its places.
function withDraws(path, draws) {
  const counts = [...path, null].map((_, at) => draws[keyOf(path.slice(0, at))] ?? 0);
  while (counts.at(-1) === 0) counts.pop();
  return counts.length ? `${keyOf(path)}_${counts.join(".")}` : keyOf(path);
}

const drawsOf = (path, counts) => counts.map((count, at) => [keyOf(path.slice(0, at)), count]);

// That a model is told nothing is not the same as that nothing was chosen.
function addGiven(link, given) {
  const pairs = Object.entries(given ?? {}).map(([column, value]) => `${column}=${value}`);
  for (const pair of given && !pairs.length ? [""] : pairs) link.append("given", pair);
}

// Words of one's own are not in it: a link is for a class, and they may be many.
function addTraining(link, add, { corpus, model, options, steps }) {
  if (corpus !== null) link.append("corpus", corpus);
  if (model) add("train", writtenSampler({ name: model, options }));
  add("steps", String(steps));
}

function trainingOf(link, { steps }) {
  const { name, options } = samplerOf(link.get("train") ?? "");
  return {
    corpus: link.get("corpus"),
    model: name || null,
    options,
    steps: whole(link.get("steps"), steps),
  };
}

// These characters mean nothing of their own behind the # and in a value.
const readable = (link) => link.replace(/%(3A|2F|2C|3D|3F|5B|5D)/g, decodeURIComponent);

// A sampler that is switched off has a ! before its name.
const writtenInLink = (sampler) => (sampler.on ? "" : "!") + writtenSampler(sampler);

function samplerOf(text) {
  const on = !text.startsWith("!");
  const [name, rest] = halves(on ? text : text.slice(1), ":");
  return { name, options: optionsOf(rest), on };
}

function optionsOf(text) {
  try {
    const options = JSON.parse(text);
    return options !== null && typeof options === "object" ? options : {};
  } catch {
    const pairs = text
      .split(",")
      .filter(Boolean)
      .map((pair) => halves(pair));
    return Object.fromEntries(pairs.map(([key, value]) => [key, numberOr(value)]));
  }
}

const numberOr = (text) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

function halves(text, mark = "=") {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

const idsOf = (text) => (text ? text.split(".").map(Number).filter(Number.isSafeInteger) : []);

function whole(text, otherwise) {
  const number = Number(text);
  return text !== null && Number.isSafeInteger(number) && number >= 0 ? number : otherwise;
}
