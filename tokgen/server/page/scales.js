// Scales of a picture: where its ticks stand, and labels that do not cover each other.

// Round numbers from `low` to `high`, about as many as there is room for, at least `least` apart.
export function ticks(low, high, room, least = 0) {
  const wanted = Math.max((high - low) / Math.max(room, 1), least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= wanted);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
}

// Labels at the places nearest to those that they want, `apart` from each other.
export function labelled(wanted, apart, lowest) {
  const sorted = [...wanted].sort((a, b) => a.place - b.place);
  for (let at = 1; at < sorted.length; at++)
    sorted[at].place = Math.max(sorted[at].place, sorted[at - 1].place + apart);
  let most = lowest;
  for (const each of sorted.reverse()) {
    each.place = Math.min(each.place, most);
    most = each.place - apart;
  }
  return sorted;
}
