// Asking for the server's token, where the server answers those alone who have it.

import { button, make, put } from "./dom.js";
import { takeToken } from "./server.js";

export function tokenForm(parent, done) {
  const field = make("input", { type: "password", "aria-label": "Token", required: true });
  const form = make(
    "form",
    { class: "token", onsubmit: given },
    make("p", {}, "This server asks for its token (tokgen serve --token)."),
    field,
    button("Go on", null, { type: "submit", class: "main" }),
  );

  function given(event) {
    event.preventDefault();
    takeToken(new URLSearchParams({ token: field.value }));
    put(parent);
    done();
  }

  put(parent, form);
  field.focus();
}
