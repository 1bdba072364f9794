/** Work that is asked for more often than it can be done. */

const PAUSE_MS = 500;

/**
 * Calls while the work runs lead to one more run of it, half a second after its end, and resolve or reject with that: who
 * asked sees what was so when they asked, or later.
 */
export function oneMore(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const run = (): Promise<void> => {
    running = work().finally(() => (running = undefined));
    return running;
  };
  const later = async (after: Promise<void>): Promise<void> => {
    await after.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    next = undefined;
    return run();
  };
  return () => {
    if (running === undefined && next === undefined) return run();
    next ??= later(running ?? Promise.resolve());
    return next;
  };
}
