// One of a row of elements is reached with Tab, the others with the arrow keys.

export function rove(parent, selector, { back = ["ArrowLeft"], on = ["ArrowRight"] } = {}) {
  parent.addEventListener("keydown", (event) => {
    const all = [...parent.querySelectorAll(selector)];
    const at = all.indexOf(document.activeElement);
    const to = target(event.key, at, all.length, back, on);
    if (at < 0 || to === null) return;
    event.preventDefault();
    event.stopPropagation();
    reach(all, all[to]);
    all[to].focus();
  });
}

export function reach(all, one) {
  for (const each of all) each.tabIndex = each === one ? 0 : -1;
}

function target(key, at, count, back, on) {
  if (back.includes(key)) return Math.max(0, at - 1);
  if (on.includes(key)) return Math.min(count - 1, at + 1);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}
