/** Work that is asked for more often than it should be done. */

/**
 * The first call does the work at once. Calls while it runs, and until `pauseMs` after its end, lead to one more run then,
 * and resolve or reject with that: who asked sees what was so when they asked, or later.
 */
export function oneMore(work: () => Promise<void>, pauseMs: number): () => Promise<void> {
  /** Ends with the pause. */
  let busy: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const rest = async (running: Promise<void>): Promise<void> => {
    await running.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    busy = undefined;
  };
  const run = (): Promise<void> => {
    next = undefined;
    const running = work();
    busy = rest(running);
    return running;
  };
  return () => {
    if (busy === undefined) return run();
    next ??= busy.then(run);
    return next;
  };
}
