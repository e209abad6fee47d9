// One request at a time, and the latest wins: what is asked while one runs waits, and only the last
// of those is asked.

export function latest(work, show, fail) {
  let running = false;
  let waiting = null;

  async function run(asked) {
    running = true;
    try {
      const answer = await work(asked);
      if (waiting === null) show(answer, asked);
    } catch (error) {
      if (waiting === null) fail(error);
    }
    running = false;
    if (waiting !== null) {
      const next = waiting;
      waiting = null;
      await run(next);
    }
  }

  return (asked) => {
    if (running) waiting = asked;
    else run(asked);
  };
}
