/** Who I am and whether I take chats: a menu in the frame. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useIsLate } from "../shared/late.ts";
import { nameOf } from "./names.ts";
import { connection, me } from "./state.ts";
import { choose, myStatus, nameOfStatus, STATUSES } from "./status.ts";
import type { JSX } from "preact";
import type { AgentStatus } from "../../chat/wire.ts";

const isOpen = signal(false);

export function openStatusMenu(): void {
  isOpen.value = true;
}

export function closeStatusMenu(): void {
  isOpen.value = false;
}

export function StatusMenu(): JSX.Element {
  const status = myStatus.value ?? "online";
  const isOffline = useIsLate(connection.value.status === "online");
  const place = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const items = (): HTMLElement[] => [
    ...(place.current?.querySelectorAll<HTMLElement>("[role=menuitemradio]") ?? []),
  ];
  useEffect(() => {
    if (!isOpen.value) return undefined;
    items()
      .find((item) => item.ariaChecked === "true")
      ?.focus();
    const away = (event: Event): void => {
      if (!(event.target instanceof Node) || place.current?.contains(event.target) !== true)
        isOpen.value = false;
    };
    addEventListener("pointerdown", away);
    return () => {
      removeEventListener("pointerdown", away);
    };
  }, [isOpen.value]);
  const leave = (): void => {
    isOpen.value = false;
    opener.current?.focus();
  };
  const key = (event: KeyboardEvent): void => {
    if (!isOpen.value) return;
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab") isOpen.value = false;
    if (event.key === "Escape") leave();
    else if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const take = (chosen: AgentStatus): void => {
    leave();
    void choose(chosen);
  };
  const user = me.value;
  const name = user === undefined ? "" : nameOf(user);
  return (
    <div class="status" ref={place} onKeyDown={key}>
      <button
        ref={opener}
        type="button"
        class="status-button"
        aria-haspopup="menu"
        aria-expanded={isOpen.value}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        <StatusDot status={isOffline ? "invisible" : status} />
        <span class="me">{name}</span>
        <span class="hidden">, status: </span>
        <span class="status-name">{isOffline ? "Offline" : nameOfStatus(status)}</span>
      </button>
      {isOpen.value && (
        <div class="status-menu" role="menu" aria-label="Your status">
          {STATUSES.map(([one, title, meaning]) => (
            <button
              type="button"
              role="menuitemradio"
              aria-checked={one === status}
              tabIndex={-1}
              onClick={() => take(one)}
            >
              <StatusDot status={one} />
              <span class="status-name">{title}</span>
              <span class="meaning">{meaning}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Shapes differ too: a full dot, half a one, a ring. */
export function StatusDot({ status }: { readonly status: AgentStatus }): JSX.Element {
  return <span class={`dot status-${status}`} aria-hidden="true" />;
}
