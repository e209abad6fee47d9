// The sampler chain: each sampler with its options, in the order in which they run. A handle is
// dragged, or moved with the arrow keys while it has the focus.

import { button, make, put, write } from "./dom.js";
import { percent } from "./numbers.js";
import { firstOptions, optionField } from "./option_field.js";

export function chainEditor(title, samplers, change) {
  const list = make("ol", { class: "samplers" });
  // Each key may choose another name: there it is added once it is confirmed.
  let byKey = false;
  const add = make("select", {
    "aria-label": `${title}: add a sampler`,
    onpointerdown: () => (byKey = false),
    onkeydown: (event) => {
      byKey = true;
      if (event.key === "Enter") added();
    },
    onchange: () => byKey || added(),
  });
  const heading = make("h2", {}, title);
  const confirm = button("Add", () => added(), { "aria-label": `${title}: add` });
  const adding = make("div", { class: "add" }, add, confirm);
  const element = make("section", { class: "chain", "aria-label": title }, heading, list, adding);
  const known = () => new Map(samplers().map((each) => [each.name, each]));
  let chain = [];

  function added() {
    const sampler = known().get(add.value);
    add.value = "";
    if (sampler)
      change([...chain, { name: sampler.name, options: firstOptions(sampler), on: true }]);
  }

  function moved(from, to) {
    if (to < 0 || to >= chain.length || from === to) return;
    const next = chain.filter((_, index) => index !== from);
    next.splice(to, 0, chain[from]);
    change(next);
    list.children[to]?.querySelector(".handle").focus();
  }

  const replaced = (at, patch) =>
    change(chain.map((each, index) => (index === at ? { ...each, ...patch } : each)));

  function row(sampler, at) {
    const facts = known().get(sampler.name);
    const options = (facts?.options ?? []).map((option) =>
      optionField(sampler, option, (value) => {
        const now = chain[at];
        replaced(at, { options: { ...now.options, [option.name]: value } });
      }),
    );
    const on = make("input", {
      type: "checkbox",
      checked: sampler.on,
      onchange: (event) => replaced(at, { on: event.target.checked }),
    });
    const item = make(
      "li",
      { class: sampler.on ? "" : "off" },
      make(
        "div",
        { class: "head" },
        handle(sampler, at),
        make("label", {}, on, sampler.name),
        make("span", { class: "effect" }),
        button("×", () => change(chain.filter((_, index) => index !== at)), {
          "aria-label": `Take ${sampler.name} away`,
          class: "quiet",
        }),
      ),
      make("p", { class: "said" }, facts?.said),
      options,
    );
    return item;
  }

  function handle(sampler, at) {
    return button("⠿", null, {
      class: "handle quiet",
      "aria-label": `${sampler.name}, number ${at + 1}: move with the arrow keys`,
      onpointerdown: (event) => taken(event, at),
      onkeydown: (event) => {
        const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (!by) return;
        event.preventDefault();
        event.stopPropagation();
        moved(at, at + by);
      },
    });
  }

  // With pointer events a finger drags as a mouse does.
  function taken(event, from) {
    const handle = event.target;
    if (event.button !== 0) return;
    handle.setPointerCapture(event.pointerId);
    const over = ({ clientY: y }) => {
      const at = [...list.children].findIndex((item) => y < item.getBoundingClientRect().bottom);
      return at < 0 ? list.children.length - 1 : at;
    };
    const mark = (to) =>
      [...list.children].forEach((item, at) => {
        item.classList.toggle("dragged", to !== null && at === from);
        item.classList.toggle("above", at === to && to < from);
        item.classList.toggle("below", at === to && to > from);
      });
    handle.onpointermove = (moving) => mark(over(moving));
    handle.onpointerup = (end) => {
      left();
      moved(from, over(end));
    };
    handle.onpointercancel = left;
    function left() {
      handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
      mark(null);
    }
  }

  // A slider that is being dragged must stay the same element, so that only what changed is made anew.
  function show(next) {
    const same =
      next.length === chain.length && next.every((each, at) => sameFields(each, chain[at]));
    chain = next;
    if (!add.options.length) fillIn();
    if (!same || list.children.length !== next.length) put(list, next.map(row));
  }

  function fillIn() {
    const names = samplers().map(({ name, said }) =>
      make("option", { value: name, title: said }, name),
    );
    if (names.length) put(add, make("option", { value: "" }, "Add a sampler…"), names);
  }

  // What each sampler removed of what the one before it had left.
  function showEffects(step) {
    const on = chain.flatMap((each, at) => (each.on ? [at] : []));
    [...list.children].forEach((item, at) => {
      const stage = on.indexOf(at);
      item.querySelector(".effect").textContent =
        stage < 0 || !step.stages ? "" : effect(step, stage);
    });
  }

  const call = (name) => write(heading, name);

  return { element, show, showEffects, call };
}

function effect(step, stage) {
  const before = stage ? step.stages[stage - 1].next : step.model;
  const after = step.stages[stage]?.next;
  const removed = before.filter((token, id) => token.prob > 0 && after?.[id].prob === 0);
  if (!removed.length) return "";
  const tokens = removed.length === 1 ? "token" : "tokens";
  const share = removed.reduce((sum, token) => sum + token.prob, 0);
  return `−${removed.length} ${tokens}, ${percent(share)} %`;
}

const sameFields = (a, b) =>
  a.name === b.name &&
  a.on === b.on &&
  Object.keys(a.options).join() === Object.keys(b.options).join();
