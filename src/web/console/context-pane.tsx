/** The right pane: who the customer is. */
import { useEffect, useRef } from "preact/hooks";
import { nameOf } from "./names.ts";
import { current, desk, lists, select } from "./state.ts";
import type { JSX } from "preact";

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
  const sessions = desk.value?.online.get(customer.id)?.sessions ?? 0;
  const earlier = lists.value.all.filter(
    ({ summary }) => summary.customer.id === customer.id && summary.id !== conversation.id,
  );
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
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M6 6l12 12M18 6L6 18" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />
          </svg>
        </button>
      </div>
      <dl>
        <dt>Name</dt>
        <dd>{nameOf(customer)}</dd>
        <dt>Identity</dt>
        <dd>
          {customer.kind === "guest"
            ? "Visitor without sign-in"
            : customer.verified === true
              ? "Verified by your site ✓"
              : "Not verified"}
        </dd>
        <dt>Now</dt>
        <dd>
          {sessions === 0
            ? "Not on your site"
            : `On your site, ${sessions === 1 ? "1 page" : `${sessions} pages`} open`}
        </dd>
        <dt>Messages</dt>
        <dd>{conversation.lastSeq}</dd>
        <dt>Id</dt>
        <dd class="id">{customer.id}</dd>
      </dl>
      <h3>Earlier chats</h3>
      {earlier.length === 0 ? (
        <p class="hint">This is the first one.</p>
      ) : (
        <ul class="earlier">
          {earlier.map(({ summary }) => (
            <li>
              <button type="button" class="link" onClick={() => void select(summary.id)}>
                {summary.lastSeq} {summary.lastSeq === 1 ? "message" : "messages"}, {summary.state}
              </button>
            </li>
          ))}
        </ul>
      )}
    </aside>
  );
}
