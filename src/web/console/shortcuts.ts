/** The keyboard first: Alt with a letter anywhere, single keys outside of fields only (WCAG 2.1.4). */
import { confirmClose, showCannedResponses, showShortcuts } from "./dialogs.tsx";
import { focusSearch } from "./search-pane.tsx";
import { setMode } from "./notes-state.ts";
import { claim, current, isMine, lists, select, selected, tab } from "./state.ts";
import { openStatusMenu } from "./status-menu.tsx";
import type { Mode } from "./drafts.ts";
import type { Tab } from "./state.ts";

const TABS: readonly Tab[] = ["mine", "waiting", "all", "visitors"];

export function listenForShortcuts(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (document.querySelector("dialog[open]") !== null) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.code !== "KeyK" || event.altKey || event.shiftKey) return;
      event.preventDefault();
      focusSearch();
      return;
    }
    const isInField =
      event.target instanceof Element && event.target.closest("input, textarea, select") !== null;
    const run = event.altKey
      ? ALT[event.code]
      : isInField && event.key !== "Escape"
        ? undefined
        : PLAIN[event.key];
    if (run === undefined) return;
    event.preventDefault();
    run();
  };
  addEventListener("keydown", pressed);
  return () => {
    removeEventListener("keydown", pressed);
  };
}

const ALT: Readonly<Record<string, () => void>> = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyN: () => {
    tab.value = TABS[(TABS.indexOf(tab.value) + 1) % TABS.length] ?? "mine";
  },
  KeyC: () => {
    if (current.value?.state === "waiting") void claim(current.value.id);
  },
  KeyE: () => {
    if (current.value !== undefined && current.value.state !== "closed" && isMine.value)
      confirmClose(current.value.id);
  },
  KeyS: openStatusMenu,
  KeyL: () => write("reply"),
  KeyP: () => write("note"),
  KeyR: showCannedResponses,
};

const PLAIN: Readonly<Record<string, () => void>> = {
  "?": showShortcuts,
  "/": focusSearch,
  Escape: () => {
    void select(undefined);
    const row = document.querySelector<HTMLElement>(".row[tabindex='0']");
    (row ?? document.querySelector<HTMLElement>("[role=tab][aria-selected=true]"))?.focus();
  },
};

function write(mode: Mode): void {
  setMode(mode);
  // The field of the other mode is drawn first.
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".composer textarea")?.focus());
}

function step(by: number): void {
  const rows = tab.value === "visitors" ? [] : lists.value[tab.value];
  const at = rows.findIndex(({ summary }) => summary.id === selected.value);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length];
  if (next !== undefined) void select(next.summary.id);
}
