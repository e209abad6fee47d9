"""One user with one model: state, events, commands; no terminal in it."""
