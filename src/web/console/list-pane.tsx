/** The left pane: the search, and mine, waiting, all, and who is on the site. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { stopwatch, timeAgo } from "../shared/time.ts";
import { draftOf } from "./drafts.ts";
import { nameOf } from "./names.ts";
import { hasOlder, showOlder } from "./others.ts";
import { arrow, useKeptFocus } from "./rows.ts";
import { SearchField, SearchResults } from "./search-pane.tsx";
import { isSearching, leaveSearch } from "./search-state.ts";
import { client, desk, lists, now, selected, tab, visit } from "./state.ts";
import { attempt } from "./toast.ts";
import { VisitorRow } from "./visitor-row.tsx";
import { urgencyOf } from "./waits.ts";
import type { ComponentChildren, JSX } from "preact";
import type { Row } from "./chat-row.ts";
import type { Tab } from "./state.ts";

const EMPTY: Readonly<Record<Tab, ComponentChildren>> = {
  mine: "You have no chats. Claim one that waits, or start one with a visitor.",
  waiting: "Nobody is waiting.",
  all: (
    <>
      There are no chats yet. Open the{" "}
      <a href="/" target="_blank">
        demo page
      </a>{" "}
      and write the first message.
    </>
  ),
  visitors: "Nobody is on your site right now.",
};

export function ListPane(): JSX.Element {
  return (
    <nav class="list-pane" aria-label="Chats" onKeyDown={escape}>
      <SearchField />
      {isSearching.value ? <SearchResults /> : <Lists />}
    </nav>
  );
}

/** One key ends one thing: first the search, then the chat. */
function escape(event: KeyboardEvent): void {
  if (event.key !== "Escape" || !isSearching.value) return;
  event.preventDefault();
  event.stopPropagation();
  leaveSearch();
  requestAnimationFrame(() => document.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.focus());
}

function Lists(): JSX.Element {
  const counts: Record<Tab, number> = {
    mine: lists.value.mine.length,
    waiting: desk.value?.counts.waiting ?? 0,
    all: lists.value.all.length,
    visitors: desk.value?.counts.online ?? 0,
  };
  const tabs: readonly [Tab, string][] = [
    ["mine", "Mine"],
    ["waiting", "Waiting"],
    ["all", "All"],
    ["visitors", "Visitors"],
  ];
  return (
    <>
      <div class="tabs" role="tablist" aria-label="Lists" onKeyDown={(event) => arrow(event, "horizontal")}>
        {tabs.map(([id, label]) => (
          <button
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={tab.value === id}
            aria-controls="list"
            tabIndex={tab.value === id ? 0 : -1}
            onClick={() => (tab.value = id)}
          >
            {label}{" "}
            <span class={`count-pill ${id === "waiting" && counts.waiting > 0 ? "hot" : ""}`}>
              {counts[id] > 99 ? "99+" : counts[id]}
            </span>
          </button>
        ))}
      </div>
      <div id="list" role="tabpanel" aria-labelledby={`tab-${tab.value}`} class="rows" tabIndex={-1}>
        {counts[tab.value] === 0 && <p class="empty">{EMPTY[tab.value]}</p>}
        {tab.value === "visitors" ? (
          <ul>
            {[...(desk.value?.online.values() ?? [])].map((row) => (
              <VisitorRow key={row.user.id} row={row} />
            ))}
          </ul>
        ) : (
          <Chats rows={lists.value[tab.value]} />
        )}
        <Rest />
      </div>
    </>
  );
}

function Chats({ rows }: { readonly rows: readonly Row[] }): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  useKeptFocus(list);
  return (
    <ul ref={list} onKeyDown={(event) => arrow(event, "vertical")}>
      {rows.map((row, index) => (
        <Chat key={row.summary.id} row={row} isFirst={index === 0} />
      ))}
    </ul>
  );
}

/** What the list does not show, in words or to be had. */
function Rest(): JSX.Element | null {
  const [isBusy, setBusy] = useState(false);
  const list = tab.value;
  if (list === "all" && hasOlder.value) {
    const more = async (): Promise<void> => {
      setBusy(true);
      await attempt(() => client.value && showOlder(client.value));
      setBusy(false);
    };
    return (
      <button type="button" class="again" disabled={isBusy} onClick={() => void more()}>
        {isBusy ? "Loading…" : "Show older chats"}
      </button>
    );
  }
  if (desk.value === undefined || list === "mine" || list === "all") return null;
  const { counts, online, waiting } = desk.value;
  const [shown, all] = list === "waiting" ? [waiting.size, counts.waiting] : [online.size, counts.online];
  if (shown >= all) return null;
  return <p class="rest">{`${shown} of ${all} are shown. The others follow as these become fewer.`}</p>;
}

function Chat({ row, isFirst }: { readonly row: Row; readonly isFirst: boolean }): JSX.Element {
  const { summary, preview, unread, since, at } = row;
  const isSelected = selected.value === summary.id;
  const button = useRef<HTMLButtonElement>(null);
  // Whichever key or click selected it.
  useLayoutEffect(() => {
    if (isSelected) button.current?.scrollIntoView({ block: "nearest" });
  }, [isSelected]);
  const isOnline = desk.value?.online.has(summary.customer.id) === true;
  const draft = isSelected ? "" : draftOf(summary.id);
  const waited = since === undefined ? 0 : now.value - since;
  const state =
    summary.state === "closed" ? "Closed" : summary.assignee === null ? "" : nameOf(summary.assignee);
  const hasTabStop =
    isSelected ||
    (isFirst && !lists.value[tab.value as "mine"].some(({ summary: { id } }) => id === selected.value));
  return (
    <li>
      <button
        ref={button}
        type="button"
        class={`row ${isSelected ? "selected" : ""}`}
        aria-current={isSelected ? "true" : undefined}
        tabIndex={hasTabStop ? 0 : -1}
        onClick={() => void visit(summary)}
      >
        <span class={`dot ${isOnline ? "on" : ""}`}>
          <span class="hidden">{isOnline ? "online" : "offline"}</span>
        </span>
        <span class="who">{nameOf(summary.customer)}</span>
        <span class="pills">
          {since !== undefined && (
            <span class={`wait ${urgencyOf(waited)}`}>
              <span class="hidden">waits </span>
              {stopwatch(waited)}
            </span>
          )}
          {at !== undefined && (
            <time class="ago" dateTime={new Date(at).toISOString()}>
              {timeAgo(at, now.value)}
            </time>
          )}
          {unread > 0 && (
            <span class="unread">
              {unread > 99 ? "99+" : unread}
              <span class="hidden"> unread</span>
            </span>
          )}
        </span>
        <span class="preview" dir="auto">
          {draft !== "" ? (
            <>
              <b class="draft">Draft:</b> {draft}
            </>
          ) : preview === "" ? (
            `${summary.lastSeq} ${summary.lastSeq === 1 ? "message" : "messages"}`
          ) : (
            preview
          )}
        </span>
        {state !== "" && tab.value === "all" && <span class="owner">{state}</span>}
      </button>
    </li>
  );
}
