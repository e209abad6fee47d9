// Asking the server, which keeps nothing: each body holds all that its answer follows from.

const KEY = "tokgen-token";

// The token is taken out of the address, so that a link that is copied does not hold it.
export function takeToken(parameters) {
  const token = parameters.get("token");
  if (token !== null) sessionStorage.setItem(KEY, token);
  parameters.delete("token");
}

export async function ask(name, body, signal) {
  const token = sessionStorage.getItem(KEY);
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${asBytes(token)}`;
  const answer = await sent(`/page/${name}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
    signal,
  });
  const told = await answer.json();
  if (answer.ok) return told;
  if (answer.status === 401) sessionStorage.removeItem(KEY);
  throw Object.assign(new Error(told.error.message), {
    status: answer.status,
    field: told.error.param,
  });
}

// A header holds bytes: those of UTF-8, as the server compares them.
const asBytes = (text) => String.fromCharCode(...new TextEncoder().encode(text));

async function sent(path, request) {
  try {
    return await fetch(path, request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    const said = "The server does not answer. Is tokgen serve still running? The page tries again.";
    throw Object.assign(new Error(said), { isSilence: true });
  }
}
