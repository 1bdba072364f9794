/** The right pane: who the customer is, where they are, and what was before. */
import { useEffect, useRef } from "preact/hooks";
import { shortDate } from "../shared/time.ts";
import { about, hasFailed, load, loadMoreChats } from "./about.ts";
import { isBlocked, unblock } from "./blocks.ts";
import { deviceOf } from "./device.ts";
import { askBlock } from "./dialogs.tsx";
import { Cross } from "./icons.tsx";
import { nameOf } from "./names.ts";
import { PageLink } from "./page-link.tsx";
import { current, desk, me, now, visit } from "./state.ts";
import type { JSX } from "preact";
import type { ConversationDetail, PublicPrincipal } from "../../chat/wire.ts";

export function ContextPane({
  isOpen,
  close,
}: {
  readonly isOpen: boolean;
  readonly close: () => void;
}): JSX.Element | null {
  const conversation = current.value;
  const closer = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isOpen) closer.current?.focus();
  }, [isOpen]);
  if (conversation === undefined) return null;
  const { customer } = conversation;
  return (
    <aside
      class={`context-pane ${isOpen ? "open" : ""}`}
      aria-label="About the customer"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        close();
      }}
    >
      <div class="context-head">
        <h2>About</h2>
        <button ref={closer} type="button" class="close-context" aria-label="Close details" onClick={close}>
          <Cross />
        </button>
      </div>
      <dl>
        <dt>Name</dt>
        <dd>{nameOf(customer)}</dd>
        <dt>Identity</dt>
        <dd>
          {identityOf(customer)}
          {isBlocked.value && <strong class="is-blocked">Blocked</strong>}
        </dd>
        <Whereabouts customer={customer.id} />
        <dt>Messages</dt>
        <dd>{conversation.lastSeq}</dd>
        <dt>Id</dt>
        <dd class="id">{customer.id}</dd>
      </dl>
      {customer.erased !== true && <BlockButton user={customer.id} />}
      <Earlier />
    </aside>
  );
}

function BlockButton({ user }: { readonly user: string }): JSX.Element {
  const isIn = !isBlocked.value;
  return (
    <button type="button" class="block" onClick={() => (isIn ? askBlock(user) : void unblock(user))}>
      {isIn ? "Block…" : "Unblock"}
    </button>
  );
}

function identityOf({ kind, verified }: PublicPrincipal): string {
  if (kind === "guest") return "Visitor without sign-in";
  return verified === true ? "Verified by your site ✓" : "Not verified";
}

/** Where the customer is now and was when the chat began, and with what. */
function Whereabouts({ customer }: { readonly customer: string }): JSX.Element {
  const row = desk.value?.online.get(customer);
  const began = about.value?.detail.context;
  const userAgent = row?.userAgent ?? began?.userAgent;
  const referrer = began?.page?.referrer ?? row?.page?.referrer;
  return (
    <>
      <dt>Now</dt>
      <dd class={row === undefined ? "" : "is-here"}>
        {row === undefined
          ? "Not on your site"
          : `On your site, ${row.sessions === 1 ? "1 page" : `${row.sessions} pages`} open`}
      </dd>
      {row?.page !== undefined && (
        <>
          <dt>Current page</dt>
          <dd>
            <PageLink {...row.page} />
          </dd>
        </>
      )}
      {began?.page !== undefined && (
        <>
          <dt>Chat began on</dt>
          <dd>
            <PageLink {...began.page} />
          </dd>
        </>
      )}
      {referrer !== undefined && (
        <>
          <dt>Came from</dt>
          <dd>
            <PageLink url={referrer} />
          </dd>
        </>
      )}
      {userAgent !== undefined && (
        <>
          <dt>Device</dt>
          <dd title={userAgent}>{deviceOf(userAgent)}</dd>
        </>
      )}
    </>
  );
}

function Earlier(): JSX.Element {
  const known = about.value;
  return (
    <>
      <h3>Other chats</h3>
      {known === undefined &&
        (hasFailed.value ? (
          <p class="hint">
            They could not be loaded.{" "}
            <button type="button" class="link" onClick={() => void load()}>
              Try again
            </button>
          </p>
        ) : (
          <p class="hint">Loading…</p>
        ))}
      {known?.others.length === 0 && <p class="hint">There are no others.</p>}
      <ul class="earlier">
        {known?.others.map((chat) => (
          <EarlierChat key={chat.id} chat={chat} />
        ))}
      </ul>
      {known?.next !== undefined && (
        <button type="button" class="link" onClick={() => void loadMoreChats()}>
          Show more
        </button>
      )}
    </>
  );
}

const STATES: Readonly<Record<ConversationDetail["state"], string>> = {
  waiting: "waiting",
  active: "open",
  closed: "closed",
};

function EarlierChat({ chat }: { readonly chat: ConversationDetail }): JSX.Element {
  const { assignee, openedAt, state, lastSeq } = chat;
  const who = assignee === null ? [] : [assignee.id === me.value?.id ? "You" : nameOf(assignee)];
  const facts = [...who, `${lastSeq} ${lastSeq === 1 ? "message" : "messages"}`, STATES[state]];
  return (
    <li>
      <button type="button" class="chat" onClick={() => void visit(chat)}>
        <time dateTime={openedAt}>{shortDate(openedAt, now.value)}</time>
        <span class="about-chat">{facts.join(", ")}</span>
      </button>
    </li>
  );
}
