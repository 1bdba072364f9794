/** Small pictures that stand beside words. */
import type { JSX } from "preact";

/** What ends something. */
export function Cross(): JSX.Element {
  return (
    <svg class="cross" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M6 6l12 12M18 6L6 18" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />
    </svg>
  );
}

/** What only the team sees. */
export function Lock(): JSX.Element {
  return (
    <svg class="lock" viewBox="0 0 24 24" aria-hidden="true">
      <path
        d="M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9.5h-13z"
        fill="none"
        stroke="currentColor"
        stroke-width="2.2"
        stroke-linejoin="round"
      />
    </svg>
  );
}
