/** The connection as it is: a line while there is something to say, nothing while all is well. */
import { useLayoutEffect, useState } from "preact/hooks";
import { useIsLate } from "./late.ts";
import type { JSX } from "preact";
import type { ConnectionState } from "../client/types.ts";

type Props = {
  readonly state: ConnectionState;
  readonly retry: () => void;
  /** Messages that wait for the connection. */
  readonly waiting: number;
};

export function ConnectionStrip({ state, retry, waiting }: Props): JSX.Element {
  const [left, setLeft] = useState(0);
  const isWell = state.status === "online";
  const isLate = useIsLate(isWell);
  useLayoutEffect(() => {
    if (state.status !== "reconnecting") return undefined;
    // The clock may be set while somebody waits: it is asked once.
    const due = performance.now() + state.retryAt - Date.now();
    const count = (): void => setLeft(due - performance.now());
    count();
    const tick = setInterval(count, 1000);
    return () => clearInterval(tick);
  }, [state]);
  const text = isLate ? textOf(state, left, waiting) : undefined;
  return (
    <div class={`strip ${text === undefined ? "none" : ""}`} role="status">
      {text !== undefined && <span>{text}</span>}
      {text !== undefined && state.status === "reconnecting" && (
        <span class="ways">
          <button type="button" class="link" onClick={retry}>
            Try now
          </button>
          <a class="link" href="/connection-check" target="_blank" rel="noopener">
            What blocks it?
          </a>
        </span>
      )}
    </div>
  );
}

/** `left`: milliseconds until the next attempt. */
function textOf(state: ConnectionState, left: number, waiting: number): string {
  const kept = waiting === 0 ? "" : " What you wrote will be sent.";
  if (state.status === "refused") {
    if (state.code === "SENDER_BLOCKED") return "You cannot write here any more.";
    const isUnknown = state.code.startsWith("AUTH_");
    return isUnknown ? "Please sign in to chat with us." : `You cannot chat now: ${state.message}`;
  }
  if (state.status !== "reconnecting") return `Connecting…${kept}`;
  const seconds = Math.ceil(left / 1000);
  return seconds > 0 ? `No connection. Trying again in ${seconds} s.${kept}` : `Reconnecting…${kept}`;
}
