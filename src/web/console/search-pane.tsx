/** The search at the top of the left pane, and what it finds in the place of the lists. */
import { dayLabel, shortDate } from "../shared/time.ts";
import { excerpt, highlight } from "./highlight.ts";
import { Cross } from "./icons.tsx";
import { nameOf } from "./names.ts";
import { arrow } from "./rows.ts";
import {
  found,
  leaveSearch,
  openCustomer,
  openedFrom,
  openFound,
  retrySearch,
  searchFor,
  searchMore,
  searchText,
} from "./search-state.ts";
import { desk, me, now, select } from "./state.ts";
import type { JSX } from "preact";
import type { FoundMessage, PublicPrincipal } from "../../chat/wire.ts";
import type { Piece } from "./highlight.ts";
import type { SearchView } from "./search.ts";

const FIELD = "search-field";
/** The server takes 200 code points; what is longer finds nothing anyway. */
const LONGEST = 200;

export function focusSearch(): void {
  const focus = (): void => {
    const field = document.querySelector<HTMLInputElement>(`#${FIELD}`);
    field?.focus();
    field?.select();
  };
  if (!matchMedia("(max-width: 767px)").matches) {
    focus();
    return;
  }
  // On a phone the list is behind the thread.
  void select(undefined);
  requestAnimationFrame(focus);
}

export function SearchField(): JSX.Element {
  const text = searchText.value;
  const first = (): HTMLElement | null => document.querySelector<HTMLElement>(".found .row");
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        if (found.value.status === "done") first()?.click();
      }}
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown" || first() === null) return;
        event.preventDefault();
        first()?.focus();
      }}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path
          d="M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20"
          fill="none"
          stroke="currentColor"
          stroke-width="2"
          stroke-linecap="round"
        />
      </svg>
      <input
        id={FIELD}
        type="search"
        aria-label="Search"
        placeholder="Search names and messages"
        enterkeyhint="search"
        autocomplete="off"
        maxLength={LONGEST}
        dir="auto"
        value={text}
        onInput={(event) => searchFor(event.currentTarget.value)}
      />
      {text === "" ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button
          type="button"
          aria-label="End the search"
          onClick={() => {
            leaveSearch();
            focusSearch();
          }}
        >
          <Cross />
        </button>
      )}
    </form>
  );
}

export function SearchResults(): JSX.Element {
  const view = found.value;
  const { status, customers, messages, text } = view;
  return (
    <div
      id="list"
      class={`rows found ${status === "searching" ? "stale" : ""}`}
      tabIndex={-1}
      role="region"
      aria-label="Found"
      onKeyDown={(event) => arrow(event, "vertical")}
    >
      <p class={status === "done" && countOf(view) > 0 ? "hidden" : "empty"} role="status">
        {statusText(view)}
      </p>
      {status === "failed" && (
        <button type="button" class="again" onClick={retrySearch}>
          Try again
        </button>
      )}
      {customers.length > 0 && (
        <>
          <h2>Customers</h2>
          <ul>
            {customers.map((user) => (
              <Customer key={user.id} user={user} text={text} />
            ))}
          </ul>
        </>
      )}
      {messages.length > 0 && (
        <>
          <h2>Messages</h2>
          <ul>
            {messages.map((one) => (
              <Message key={one.message.id} found={one} text={text} />
            ))}
          </ul>
        </>
      )}
      {status === "done" && <More more={view.more} />}
    </div>
  );
}

const countOf = ({ customers, messages }: SearchView): number => customers.length + messages.length;

function statusText(view: SearchView): string {
  const count = countOf(view);
  switch (view.status) {
    case "idle":
      return "";
    case "searching":
      return count === 0 ? "Searching…" : "";
    case "failed":
      return `The search failed. ${view.why}`;
    case "done":
      if (count === 0) return `Nothing found for “${view.text}”.`;
      return `${count}${view.more === "none" ? "" : " or more"} found`;
  }
}

function More({ more }: { readonly more: SearchView["more"] }): JSX.Element | null {
  if (more === "none") return null;
  return (
    <button type="button" class="again" disabled={more === "loading"} onClick={searchMore}>
      {{ there: "Show more", loading: "Loading…", failed: "It failed. Try again" }[more]}
    </button>
  );
}

function Customer({ user, text }: { readonly user: PublicPrincipal; readonly text: string }): JSX.Element {
  const isOnline = desk.value?.online.has(user.id) === true;
  return (
    <li>
      <button
        type="button"
        class={`row ${openedFrom.value === user.id ? "selected" : ""}`}
        onClick={() => void openCustomer(user)}
      >
        <span class={`dot ${isOnline ? "on" : ""}`}>
          <span class="hidden">{isOnline ? "online" : "offline"}</span>
        </span>
        <span class="who" dir="auto">
          <Marked pieces={highlight(nameOf(user), text)} />
        </span>
        <span class="preview">{user.verified === true ? "Verified by your site" : "Visitor"}</span>
      </button>
    </li>
  );
}

function Message({ found: one, text }: { readonly found: FoundMessage; readonly text: string }): JSX.Element {
  const { conversation, message } = one;
  const { customer, assignee, state } = conversation;
  const author =
    message.userFrom === me.value?.id
      ? "You: "
      : message.userFrom === assignee?.id
        ? `${nameOf(assignee)}: `
        : "";
  return (
    <li>
      <button
        type="button"
        class={`row ${openedFrom.value === message.id ? "selected" : ""}`}
        onClick={() => void openFound(one)}
      >
        <span class={`dot ${desk.value?.online.has(customer.id) === true ? "on" : ""}`} />
        <span class="who" dir="auto">
          {nameOf(customer)}
        </span>
        <time class="ago" dateTime={message.sentAt} title={dayLabel(message.sentAt, now.value)}>
          {shortDate(message.sentAt, now.value)}
        </time>
        <span class="preview" dir="auto">
          {author}
          <Marked pieces={excerpt(message.message, text)} />
        </span>
        {state === "closed" && <span class="owner">Closed</span>}
      </button>
    </li>
  );
}

function Marked({ pieces }: { readonly pieces: readonly Piece[] }): JSX.Element {
  return <>{pieces.map(({ text, isMatch }) => (isMatch ? <mark>{text}</mark> : text))}</>;
}
