/** The bar at the top: alerts, shortcuts, who I am, and the way out. */
import { enable, rules } from "./alerts.ts";
import { showAlerts, showCannedResponses, showShortcuts } from "./dialogs.tsx";
import { signOut } from "./session.ts";
import { StatusMenu } from "./status-menu.tsx";
import type { JSX } from "preact";

export function TopBar(): JSX.Element {
  const isUndecided = rules.value === undefined;
  return (
    <header class="top">
      <h1>Console</h1>
      <button
        type="button"
        class={`bell ${isUndecided ? "primary" : ""}`}
        onClick={() => {
          // The first click is the gesture that sound needs, and what it turned on can be changed at once.
          if (isUndecided) enable();
          showAlerts();
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path
            d="M12 4a5 5 0 0 0-5 5c0 5-2 6-2 7h14c0-1-2-2-2-7a5 5 0 0 0-5-5zM10 19a2 2 0 0 0 4 0"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
          />
        </svg>
        <span class="label">{isUndecided ? "Enable alerts" : "Alerts"}</span>
      </button>
      <button type="button" class="keys" onClick={showCannedResponses}>
        Canned responses
      </button>
      <button type="button" class="keys" onClick={showShortcuts}>
        Shortcuts
      </button>
      <StatusMenu />
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </header>
  );
}
