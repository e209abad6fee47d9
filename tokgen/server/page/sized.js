// A picture that fills its room: it is drawn in pixels, and anew when the room changes.

import { draw, make } from "./dom.js";

// `paint` is told the width, the height and how many pixels a rem has.
export function sized(attributes, paint) {
  const picture = draw("svg", attributes);
  const room = make("div", { class: "room" }, picture);

  function repaint() {
    const { clientWidth: width, clientHeight: height } = room;
    if (!width || !height) return;
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    paint(width, height, parseFloat(getComputedStyle(document.documentElement).fontSize));
  }

  new ResizeObserver(repaint).observe(room);
  return { element: room, picture, repaint };
}
