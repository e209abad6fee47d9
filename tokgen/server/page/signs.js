// How a symbol is shown and called. Few fonts have a sign for the end of a document, and what is no
// letter has a name beside its sign.

const END = "␃";
const NAMES = { " ": "space", "\n": "line break", "\t": "tab", [END]: "end of document" };

// A space is a token too: it is shown as what can be seen.
export function shown(symbol) {
  if (symbol === END) return "end";
  return symbol.replaceAll(" ", "␣").replaceAll("\n", "↵").replaceAll("\t", "⇥") || "∅";
}

// For those who listen, and where the pointer rests; `ends`: whether it is the terminator.
export function called(symbol, ends = false) {
  const name = NAMES[symbol];
  if (name) return name;
  return ends ? `${shown(symbol)} (end of document)` : shown(symbol);
}

// Of a sign that is written as a word, the class that makes it small.
export const isWord = (symbol) => symbol === END;
