/** The middle pane: one chat. */
import { ERASED, SUPPORT } from "../../chat/wire.ts";
import { MessageList } from "../shared/message-list.tsx";
import { ClosedChat, writing } from "./closed-chat.tsx";
import { askTransfer, confirmClose } from "./dialogs.tsx";
import { takeBack } from "./drafts.ts";
import { nameOf } from "./names.ts";
import { noteRows } from "./note-rows.tsx";
import * as state from "./state.ts";
import { reachable } from "./status.ts";
import { Writer } from "./writer.tsx";
import type { JSX } from "preact";
import type { ConversationLine, ConversationState, PublicPrincipal } from "../../chat/wire.ts";
import type { TranscriptMessage } from "../client/index.ts";

export function ThreadPane({ showContext }: { readonly showContext: () => void }): JSX.Element {
  const conversation = state.current.value;
  if (conversation === undefined) {
    return (
      <section class="thread-pane nothing" aria-label="Chat">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path
            d="M4 4h16v12H9l-5 4z"
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            stroke-linejoin="round"
          />
        </svg>
        <p>Choose a chat from the list.</p>
        <p class="hint">
          Press <kbd>?</kbd> for the list of shortcuts.
        </p>
      </section>
    );
  }
  const customer = nameOf(conversation.customer);
  return (
    <section class="thread-pane" aria-label={`Chat with ${customer}`}>
      <header class="thread-head">
        <button
          type="button"
          class="back"
          aria-label="Back to the list"
          onClick={() => void state.select(undefined)}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path
              d="M15 5l-7 7 7 7"
              fill="none"
              stroke="currentColor"
              stroke-width="2.2"
              stroke-linecap="round"
              stroke-linejoin="round"
            />
          </svg>
        </button>
        <div class="title">
          <h2>{customer}</h2>
          <p>{standingText(conversation.state, conversation.assignee)}</p>
        </div>
        <Actions id={conversation.id} status={conversation.state} />
        <button type="button" class="details" onClick={showContext}>
          Details
        </button>
      </header>
      <MessageList
        key={conversation.id}
        transcript={state.transcript.value}
        outgoing={state.outgoing.value.filter((message) => message.conversation === conversation.id)}
        inserts={noteRows()}
        deliveredSeq={conversation.deliveredSeq ?? 0}
        readSeq={conversation.readSeq ?? 0}
        nameOf={(message) => (isCustomers(message) ? customer : authorName(message.userFrom))}
        textOf={lineText}
        isTyping={state.typing.value === conversation.id}
        typist={customer}
        loadOlder={state.loadOlder}
        retry={state.retry}
        discard={state.discard}
        edit={({ clientId, text }) => {
          takeBack(conversation.id, text);
          state.discard(clientId);
        }}
        sought={state.sought.value}
        atBottom={(down) => {
          if (down) state.markRead();
        }}
      />
      {conversation.customer.erased === true ? (
        <div class="writer">
          <p class="blocked">This customer was erased. Nothing can be written here any more.</p>
        </div>
      ) : (
        <Writer
          conversation={conversation}
          blocked={blockedBy(conversation) ?? (writing.value === "nowhere" ? <ClosedChat /> : undefined)}
        />
      )}
    </section>
  );
}

function Actions({ id, status }: { readonly id: string; readonly status: ConversationState }): JSX.Element {
  const isMine = state.isMine.value;
  const isSupervisor = ["supervisor", "admin"].includes(state.me.value?.role ?? "");
  const mayHandOver = status === "active" && (isMine || isSupervisor);
  return (
    <div class="actions">
      {status === "waiting" && (
        <button type="button" class="primary" onClick={() => void state.claim(id)}>
          Claim
        </button>
      )}
      {mayHandOver && reachable.value.length > 0 && (
        <button type="button" onClick={() => askTransfer(id)}>
          Hand over…
        </button>
      )}
      {mayHandOver && (
        <button type="button" onClick={() => void state.release(id)}>
          Release
        </button>
      )}
      {status !== "closed" && (isMine || isSupervisor) && (
        <button type="button" onClick={() => confirmClose(id)}>
          Close
        </button>
      )}
    </div>
  );
}

/** Why I cannot write here; undefined when I can. */
function blockedBy({
  state: status,
  assignee,
}: {
  state: string;
  assignee: PublicPrincipal | null;
}): string | undefined {
  if (status !== "active" || assignee === null || assignee.id === state.me.value?.id) return undefined;
  if (["supervisor", "admin"].includes(state.me.value?.role ?? "")) return undefined;
  return `${nameOf(assignee)} has this chat. You can read along.`;
}

function standingText(status: string, assignee: PublicPrincipal | null): string {
  if (status === "waiting") return "Waiting for an agent";
  if (status === "closed") return "Closed";
  return state.isMine.value ? "Your chat" : assignee === null ? "" : `With ${nameOf(assignee)}`;
}

/** Whether the customer wrote it, perhaps as a guest with another id, who has been identified since. */
function isCustomers({ userFrom, userTo }: TranscriptMessage): boolean {
  const { customer, assignee } = state.current.value ?? {};
  if (userFrom === customer?.id || userTo === SUPPORT) return true;
  return [assignee?.id, state.me.value?.id].includes(userTo) || state.desk.value?.agents.has(userTo) === true;
}

function authorName(id: string): string {
  if (id === state.me.value?.id) return "You";
  const known = state.colleagues.value.get(id);
  return known === undefined ? "A colleague" : nameOf(known);
}

function lineText({ type, by, reason }: ConversationLine): string | undefined {
  const who = by === undefined ? "The server" : by.id === state.me.value?.id ? "You" : nameOf(by);
  switch (type) {
    case "conversation.opened":
      return `${who} opened the chat`;
    case "conversation.assigned":
      if (reason === "merged") return "The visitor signed in";
      return reason === "transferred" ? `${who} handed the chat over` : `${who} took the chat`;
    case "conversation.requeued":
      return `${who} put the chat back into the queue`;
    case "conversation.closed":
      if (reason === ERASED) return "The customer was erased";
      return reason === "merged" ? "The chat was merged into another" : `${who} closed the chat`;
    case "conversation.reopened":
      return `${who} opened the chat again`;
  }
}
