// The embedding table as a map: each symbol at its two numbers, with the way that it has come.

import { apart } from "./apart.js";
import { draw, put } from "./dom.js";
import { ticks } from "./scales.js";
import { shown } from "./signs.js";
import { sized } from "./sized.js";

const VOWELS = new Set("aeiou");
// The map begins with this reach, and grows by these steps. It shrinks where a part of it is enough.
const FIRST = { left: -2, right: 2, bottom: -2, top: 2 };
const ORIGIN = { left: 0, right: 0, bottom: 0, top: 0 };
const GROWS = 0.5;
const ENOUGH = 0.8;
const LONGEST_WAY = 400;
// Rems between the middles of two letters.
const LEAST_APART = 1.2;

export function embeddingMap() {
  let job = null;
  let now = null;
  // The places of each symbol so far, and what the map shows of the plane.
  let ways = [];
  let box = FIRST;
  const map = sized({ role: "img", class: "map" }, paint);

  function show(next) {
    if (next.job !== job) {
      [job, ways, box] = [next.job, [], FIRST];
    }
    now = next.embeddings;
    ways = now.now.map((place, at) => longer(ways[at] ?? [], place));
    const needed = now.now.reduce(around, ORIGIN);
    box = reach(needed) < ENOUGH * reach(box) ? needed : now.now.reduce(around, box);
    map.picture.setAttribute("aria-label", spoken(now));
    map.repaint();
  }

  function paint(width, height, rem) {
    if (!now) return;
    const [left, right, top, bottom] = [2.6 * rem, width - 1.2 * rem, 0.6 * rem, height - 1.8 * rem];
    // One scale for both axes, since distances are compared.
    const across = box.right - box.left;
    const up = box.top - box.bottom;
    const scale = Math.min((right - left) / across, (bottom - top) / up);
    const x = (value) => (left + right - scale * across) / 2 + scale * (value - box.left);
    const y = (value) => (top + bottom - scale * up) / 2 + scale * (box.top - value);
    const symbols = now.symbols.map((symbol, at) => ({ symbol, way: ways[at] }));
    // Vowels lie on top: they are what one looks for.
    symbols.sort((a, b) => isVowel(a.symbol) - isVowel(b.symbol));
    const ends = symbols.map(({ way }) => [x(way.at(-1)[0]), y(way.at(-1)[1])]);
    const signs = apart(ends, LEAST_APART * rem);
    put(
      map.picture,
      frame(x, y, box, rem),
      symbols.map(({ symbol, way }) => trace(symbol, way.filter(isIn), x, y)),
      symbols.map(({ symbol }, at) => sign(symbol, ...signs[at], rem)),
    );
  }

  const isIn = ([x, y]) => box.left <= x && x <= box.right && box.bottom <= y && y <= box.top;

  return { element: map.element, show };
}

const isVowel = (symbol) => VOWELS.has(symbol);

function longer(way, place) {
  const last = way.at(-1);
  if (last && last[0] === place[0] && last[1] === place[1]) return way;
  return [...way, place].slice(-LONGEST_WAY);
}

const reach = ({ left, right, bottom, top }) => Math.max(right - left, top - bottom);

// The box with the place in it, and some room beside that.
function around(box, [x, y]) {
  const down = (value) => GROWS * Math.floor((value - GROWS / 2) / GROWS);
  const up = (value) => GROWS * Math.ceil((value + GROWS / 2) / GROWS);
  return {
    left: Math.min(box.left, down(x)),
    right: Math.max(box.right, up(x)),
    bottom: Math.min(box.bottom, down(y)),
    top: Math.max(box.top, up(y)),
  };
}

function frame(x, y, { left, right, bottom, top }, rem) {
  return [
    draw("path", {
      class: "axis",
      d: `M${x(left)} ${y(0)}H${x(right)}M${x(0)} ${y(bottom)}V${y(top)}`,
    }),
    ...ticks(left, right, 5, 1).map((mark) =>
      draw("text", { class: "tick", x: x(mark), y: y(bottom) + 1.3 * rem }, mark),
    ),
    ...ticks(bottom, top, 5, 1).map((mark) =>
      draw("text", { class: "tick up", x: x(left) - 0.4 * rem, y: y(mark) + 0.35 * rem }, mark),
    ),
  ];
}

const trace = (symbol, way, x, y) =>
  draw("polyline", {
    class: isVowel(symbol) ? "way vowel" : "way",
    points: way.map((place) => `${x(place[0])},${y(place[1])}`).join(" "),
  });

function sign(symbol, x, y, rem) {
  const side = 1.4 * rem;
  const vowel = isVowel(symbol);
  return draw(
    "g",
    { class: vowel ? "sign vowel" : "sign", transform: `translate(${x} ${y})` },
    vowel &&
      draw("rect", { x: -side / 2, y: -side / 2, width: side, height: side, rx: 0.15 * rem }),
    draw("text", { y: 0.38 * rem }, shown(symbol)),
  );
}

function spoken({ symbols, now }) {
  const place = (at) => now[at].map((value) => value.toFixed(1)).join(", ");
  const places = symbols.map((symbol, at) => `${shown(symbol)} ${place(at)}`);
  return `Map of the embeddings, two numbers for each symbol: ${places.join("; ")}`;
}
