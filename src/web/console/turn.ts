/** Of several tabs of one browser, one does what all could do: the one that was used last. */

const GESTURES = ["pointerdown", "keydown"] as const;

export type Turn = {
  /** Whether it is for this tab to do it. */
  readonly isMine: () => boolean;
  readonly end: () => void;
};

/** Competes for `name` with the other tabs. A browser without locks, as on a page without TLS, lets each tab do it. */
export function takeTurns(name: string): Turn {
  const { locks } = navigator as Partial<Navigator>;
  if (locks === undefined) return { isMine: () => true, end: () => undefined };
  let isMine = false;
  let isOver = false;
  let release = (): void => undefined;
  let queue = new AbortController();
  const hold = (): Promise<void> => {
    isMine = true;
    return new Promise((resolve) => (release = resolve));
  };
  const ask = async (steal: boolean): Promise<void> => {
    queue.abort();
    const own = new AbortController();
    queue = own;
    try {
      await locks.request(name, steal ? { steal } : { signal: own.signal }, hold);
    } catch {
      // Another tab was used; or this one was, and need not wait any more.
      if (!own.signal.aborted) lost();
    }
  };
  const lost = (): void => {
    isMine = false;
    if (!isOver) void ask(false);
  };
  const used = (): void => {
    if (!isMine) void ask(true);
  };
  for (const gesture of GESTURES) addEventListener(gesture, used, { passive: true, capture: true });
  void ask(false);
  return {
    isMine: () => isMine,
    end: () => {
      isOver = true;
      for (const gesture of GESTURES) removeEventListener(gesture, used, { capture: true });
      isMine = false;
      queue.abort();
      release();
    },
  };
}
