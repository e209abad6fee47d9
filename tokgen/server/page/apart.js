// Places near points, so far apart that no label at one of them covers another.

const ROUNDS = 200;

export function apart(points, least) {
  // Equal points have to differ before they can push each other away.
  const nudge = 1e-3 * least;
  let places = points.map(([x, y], at) => [x + nudge * Math.cos(at), y + nudge * Math.sin(at)]);
  for (let round = 0; round < ROUNDS; round += 1) {
    const pushed = places.map((place) => away(place, places, least));
    const isStill = pushed.every((place, at) => place.every((value, axis) => value === places[at][axis]));
    if (isStill) break;
    places = pushed;
  }
  return places;
}

// Each of two that are too near goes half of what lacks between them.
function away([x, y], others, least) {
  let [movedX, movedY] = [x, y];
  for (const [otherX, otherY] of others) {
    const far = Math.hypot(x - otherX, y - otherY);
    if (far === 0 || far >= least) continue;
    const share = (0.5 * (least - far)) / far;
    movedX += share * (x - otherX);
    movedY += share * (y - otherY);
  }
  return [movedX, movedY];
}
