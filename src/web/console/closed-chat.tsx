/** Below a chat that has ended for good: what was, and how to write to the customer all the same. */
import { computed, signal } from "@preact/signals";
import { REOPEN_WINDOW_MS } from "../../chat/wire.ts";
import { shortDate } from "../shared/time.ts";
import { about, openElsewhere } from "./about.ts";
import { nameOf } from "./names.ts";
import { current, now, transcript, visit } from "./state.ts";
import type { JSX } from "preact";

/** The closed conversation from which the agent begins a new one. */
const begunFrom = signal<string | undefined>(undefined);

/** When the selected conversation ended; undefined while it goes on or that is not known. */
const endedAt = computed(() => {
  if (current.value?.state !== "closed") return undefined;
  const line = transcript.value?.lines.findLast(({ type }) => type === "conversation.closed");
  const at = line?.at ?? about.value?.detail.closedAt;
  return at === undefined ? undefined : Date.parse(at);
});

/** Whether a message of mine opens the selected conversation again, begins another one, or has no place there. */
export const writing = computed<"here" | "anew" | "nowhere">(() => {
  if (current.value?.state !== "closed") return "here";
  if (openElsewhere.value !== undefined) return "nowhere";
  if (endedAt.value === undefined || now.value - endedAt.value < REOPEN_WINDOW_MS) return "here";
  return begunFrom.value === current.value.id ? "anew" : "nowhere";
});

export function ClosedChat(): JSX.Element {
  const open = openElsewhere.value;
  const conversation = current.value;
  const name = conversation === undefined ? "" : nameOf(conversation.customer);
  if (open !== undefined) {
    return (
      <>
        This chat is closed. {name} has another one open.
        <button type="button" onClick={() => void visit(open)}>
          Go to it
        </button>
      </>
    );
  }
  return (
    <>
      This chat ended {endedAt.value === undefined ? "" : `on ${shortDate(endedAt.value, now.value)}`}.
      <button type="button" onClick={() => (begunFrom.value = conversation?.id)}>
        Start a chat
      </button>
    </>
  );
}
