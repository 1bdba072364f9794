/** Whether something is still heard on a connection, by a clock that nobody sets: a wall clock may jump an hour back. */

/** Intervals of silence that are no reason to ask: browsers run timers late. */
const PATIENCE = 2;

/**
 * Something has to be heard on the socket every `ms`; 0: nothing has. `overdue` is called in each interval in which, for
 * twice its length, nothing was. Returns what ends that.
 */
export function watchPulse(socket: EventTarget, ms: number, overdue: () => void): () => void {
  if (ms === 0) return () => undefined;
  let heardAt = performance.now();
  socket.addEventListener("message", () => (heardAt = performance.now()));
  const timer = setInterval(() => {
    if (performance.now() - heardAt > ms * PATIENCE) overdue();
  }, ms);
  return () => {
    clearInterval(timer);
  };
}

/** How often the server is heard from, in ms, by its `heart-beat`: the greater of what it can and what is `wanted`; 0 for never. */
export function agreedBeat(header: string | undefined, wanted: number): number {
  const offered = Number(header?.split(",")[0] ?? 0);
  return offered > 0 ? Math.max(offered, wanted) : 0;
}
