// Keys that work wherever no control of its own takes them.

// `areMoves`: whether they mean moves in the view that is shown.
export function listenToKeys(move, areMoves) {
  document.addEventListener("keydown", (event) => {
    const act = areMoves() && meant(event, move);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function meant(event, move) {
  const { key, target } = event;
  const field = target.closest("input, select, textarea, dialog, [role=tab]");
  const pressed = target.closest("button, [role=button], a");
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (key === "Enter" && !pressed && (!field || field.id === "typed")) {
    return event.shiftKey ? move.drawToTheEnd : move.drawOne;
  }
  if (field) return null;
  return { ArrowLeft: move.undo, ArrowRight: move.redo }[key] ?? null;
}
