/** Somebody who is on the site now: what is known, and the way to a chat with them. */
import { useState } from "preact/hooks";
import { nameOf } from "./names.ts";
import { PageLink } from "./page-link.tsx";
import { invite, lists, select } from "./state.ts";
import type { JSX } from "preact";
import type { OnlineCustomer } from "../../chat/wire.ts";

/** One function for all renders, so that the field takes the focus once: when it appears. */
const focusOn = (field: HTMLElement | null): void => field?.focus();

export function VisitorRow({ row }: { readonly row: OnlineCustomer }): JSX.Element {
  const [isWriting, setWriting] = useState(false);
  const [text, setText] = useState("");
  const { user, sessions, page } = row;
  const open = lists.value.all.find(
    ({ summary: { customer, state } }) => customer.id === user.id && state !== "closed",
  );
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text.trim() !== "" && (await invite(user.id, text.trim()))) setWriting(false);
  };
  return (
    <li class="visitor">
      <div class="row">
        <span class="dot on" />
        <span class="who">{nameOf(user)}</span>
        <span class="preview">
          {user.verified === true ? "Verified · " : ""}
          {sessions === 1 ? "1 page open" : `${sessions} pages open`}
        </span>
        {page !== undefined && <PageLink {...page} />}
        {open === undefined ? (
          <button
            type="button"
            class="small"
            aria-expanded={isWriting}
            onClick={() => setWriting(!isWriting)}
          >
            Start chat
          </button>
        ) : (
          <button type="button" class="small" onClick={() => void select(open.summary.id)}>
            Go to chat
          </button>
        )}
      </div>
      {isWriting && open === undefined && (
        <form class="invite" onSubmit={(event) => void start(event)}>
          <label>
            <span>First message to {nameOf(user)}</span>
            <textarea
              rows={2}
              value={text}
              maxLength={4000}
              onInput={(event) => setText(event.currentTarget.value)}
              ref={focusOn}
            />
          </label>
          <button type="submit" class="primary" disabled={text.trim() === ""}>
            Send invitation
          </button>
        </form>
      )}
    </li>
  );
}
