// The page: a state, the views that show it, and the server that is asked when it changes.

import { asking } from "./asking.js";
import { branches } from "./branches.js";
import { chainEditor } from "./chain.js";
import { compareView } from "./compare_view.js";
import { byId, button, put, write } from "./dom.js";
import { exactView } from "./exact_view.js";
import { header } from "./header.js";
import { helpDialog } from "./help.js";
import { insideView } from "./inside_view.js";
import { letters } from "./letters.js";
import { drawnAgain } from "./last_draw.js";
import { isLinkOf, keepLink, stateOf } from "./link.js";
import { listenToKeys } from "./keys.js";
import { moves } from "./moves.js";
import { ask, takeToken } from "./server.js";
import { keyOf, store } from "./state.js";
import { stepView } from "./step_view.js";
import { aboutDocument, aboutDraw, telling } from "./telling.js";
import { tokenForm } from "./token_form.js";
import { startedWith } from "./train_form.js";
import { trainView } from "./train_view.js";
import { treeView } from "./tree_view.js";

const fragment = new URLSearchParams(location.hash.slice(1));
takeToken(fragment);
const page = store(stateOf(fragment));
const { state, change } = page;
const HINT = "Type a text. Enter draws the next token.";
// What is wrong with what was done last, until something else is done.
const ACT = "act";
const SILENCE = "silence";
const line = telling(byId("said"));
// Milliseconds until a server that does not answer is asked again.
const PAUSE = 2000;
let trying = 0;
let facts = null;
let lastDraw = null;
let shownStep = null;
let shownPath = null;

const move = moves(page, {
  endOf: () => facts?.end_id,
  fail: (error) => fail(ACT, error),
  drawnNow,
});
const head = header({
  open: (view) => change({ view }),
  chooseModel,
  give,
  seed: (seed) => change({ seed, draws: {} }),
  help: helpDialog(byId("help")),
  say: line.say,
});
const strip = letters(byId("letters"), (length) => move.goTo(state.drawn.slice(0, length)));
const samplers = () => facts?.samplers ?? [];
const chain = chainEditor("Samplers", samplers, (next) => change({ chain: next }));
const otherChain = chainEditor("Samplers of B", samplers, (next) =>
  change({ other: { ...state.other, chain: next } }),
);
const places = branches(move.goTo, move.forget);
const views = {
  step: stepView({ force: move.force, sort: () => change({ sorted: !state.sorted }) }),
  tree: treeView({
    more: (ids) => server.more(ids).catch((error) => fail(ACT, error)),
    step: (drawn) => move.goTo([...lookedAt(), ...drawn], { view: "step" }),
    change: (size) => change({ tree: { ...state.tree, ...size } }),
    toggled: (nodes) => change({ nodes }),
  }),
  inside: insideView(),
  exact: exactView({ compute: (conditions) => change({ conditions }) }),
  compare: compareView({
    force: move.force,
    choose: (model) => change({ other: { ...state.other, model } }),
    refuse: (message) => line.fail(ACT, message),
  }),
  train: trainView({
    state,
    change,
    type: move.type,
    acting: (act) => act().then(() => line.right(ACT), (error) => fail(ACT, error)),
    kept,
    right: () => line.right("watch"),
    fail: (error) => fail("watch", error),
  }),
};
const sideOf = (view) =>
  ({
    step: [chain.element, places.element],
    tree: [chain.element],
    inside: [],
    exact: [chain.element],
    compare: [chain.element, otherChain.element],
    train: facts?.training ? [views.train.form] : [],
  })[view];
const draw = button("Draw", () => move.drawOne(), { class: "main", title: "Enter" });
const controls = {
  draw,
  end: button("To the end", () => move.drawToTheEnd(), { title: "Shift + Enter" }),
  undo: button("Undo", () => move.undo(), { title: "Arrow left" }),
  redo: button("Redo", () => move.redo(), { title: "Arrow right" }),
};

// At a whole document the last distribution is shown, with the end chosen.
const lookedAt = () => (move.ended() ? state.drawn.slice(0, -1) : state.drawn);
const server = asking(
  state,
  lookedAt,
  {
    step: showStep,
    path: showPath,
    tree: (tree) => views.tree.show(tree, state.nodes),
    explain: (told) => views.inside.show(told, facts.symbols),
    waiting: () => views.exact.wait(),
    figures: (figures) => views.exact.show(figures),
    exact: ([figures, top]) => views.exact.show(figures, top),
    both: (steps) => views.compare.show(steps, state, facts),
  },
  { right, fail },
);

// The distribution that a token was drawn from stays, so that one sees why it was this token.
function drawnNow(token) {
  const isFrom = shownStep?.ids.slice(shownStep.start).join() === state.drawn.join();
  const key = keyOf([...state.drawn, token.id]);
  lastDraw = { token, key, step: isFrom ? shownStep : null };
}

function show(opened) {
  head.show(state, facts);
  if (opened) {
    put(byId("view"), views[state.view].element);
    put(byId("side"), sideOf(state.view));
    document.body.dataset.view = state.view;
    // Without a control in it, the view itself is what the keyboard scrolls.
    byId("view").tabIndex = state.view === "inside" ? 0 : -1;
  }
  if (byId("typed").value !== state.typed) byId("typed").value = state.typed;
  chain.call(state.view === "compare" ? "Samplers of A" : "Samplers");
  chain.show(state.chain);
  otherChain.show(state.other.chain);
  views.tree.showSize(state.tree);
  if (opened) views.exact.showConditions(state.conditions);
  if (facts) {
    places.show(state, facts);
    views.compare.showModels(state, facts);
    views.train.show(facts);
  }
  write(draw, facts && move.ended() ? "Start again" : "Draw");
  controls.undo.disabled = !state.drawn.length;
  controls.redo.disabled = !move.canRedo();
  views.step.show(shownStep, state, chosenNow());
  keepLink(state);
}

const chosenNow = () => (move.ended() ? { id: facts.end_id } : null);

function showStep(step) {
  shownStep = step;
  views.step.show(step, state, chosenNow());
  chain.showEffects(step);
  if (shownPath) strip.show(shownPath, step);
  if (lastDraw?.step) views.step.showLine(lastDraw.step, lastDraw.token);
  else views.step.showLine(step);
}

// The letters come with one answer and what the model sees of them with another.
function showPath(told) {
  shownPath = told;
  if (shownStep) strip.show(told, shownStep);
  if (told.text !== undefined) line.say(aboutDocument(told));
  else if (lastDraw) line.say(aboutDraw(lastDraw.token));
  else line.say(state.typed || state.drawn.length ? "" : HINT);
}

// What was answered before a request was refused stays, but it is of something else: it is grey. A
// text that was refused makes no branch.
function refuse(what, isRefused) {
  if (what === "step") {
    byId("view").classList.toggle("refused", isRefused);
    views.step.element.inert = isRefused;
  }
  if (what === "path") {
    byId("letters").classList.toggle("refused", isRefused);
    byId("letters").inert = isRefused;
    places.element.hidden = isRefused;
    controls.draw.disabled = controls.end.disabled = isRefused;
  }
}

function right(what) {
  refuse(what, false);
  line.right(what);
}

function fail(what, error) {
  refuse(what, true);
  if (error.status === 401) tokenForm(byId("view"), start);
  else line.fail(error.isSilence ? SILENCE : what, error.message);
  if (error.isSilence) trySoon();
  if (what === "exact") views.exact.stop();
}

// A server that was started again is asked for all that the page shows.
function trySoon() {
  clearTimeout(trying);
  trying = setTimeout(start, PAUSE);
}

async function chooseModel(model) {
  try {
    const next = await ask("facts", { model });
    const same = next.symbols.join("\0") === facts.symbols.join("\0");
    facts = next;
    if (!same) move.forgetUndone();
    change({ model, given: null, ...(same ? {} : { drawn: [], visited: [], draws: {} }) });
  } catch (error) {
    fail(ACT, error);
    head.show(state, facts);
  }
}

async function kept(model) {
  await chooseModel(model);
  line.say(`The other views now show ${model}.`);
}

function give(column, value) {
  const given = { ...(state.given ?? facts.given), [column]: value };
  if (!value) delete given[column];
  change({ given });
}

async function start() {
  try {
    facts = await ask("facts", { model: state.model });
  } catch (error) {
    fail(ACT, error);
    if (error.status !== 404 || state.model === null) return null;
    state.model = null;
    return start();
  }
  if (facts.training?.job && isUnnamed(state.train)) state.train = startedWith(facts.training);
  lastDraw = await drawnAgain(state);
  line.right(SILENCE);
  refresh({});
  views.train.found(facts.training?.job ?? null);
}

// Whether the link says nothing of what is trained.
const isUnnamed = ({ corpus, model, steps }) => corpus === null && model === null && steps === "";

function refresh(before) {
  state.byChance = lastDraw !== null;
  const opened = state.view !== before.view;
  server.refresh(before);
  show(opened);
  if (state.view === "train" && (opened || state.typed !== before.typed)) views.train.look();
}

const isDrawn = () => lastDraw?.key === keyOf(state.drawn);

// What was said of another text is not true of this one; Train asks nothing of the document.
const isElsewhere = (before) =>
  state.typed !== before.typed || (state.view === "train" && before.view !== "train");

page.listen((before) => {
  line.right(ACT);
  if (isElsewhere(before)) line.say("");
  if (state.drawn !== before.drawn ? !isDrawn() : state.chain !== before.chain) lastDraw = null;
  refresh(before);
});
put(byId("moves"), Object.values(controls));
byId("typed").addEventListener("input", () => move.type(byId("typed").value));
listenToKeys(move, () => state.view !== "train");
addEventListener("hashchange", () => {
  if (!isLinkOf(state, location.hash.slice(1))) location.reload();
});
start();
