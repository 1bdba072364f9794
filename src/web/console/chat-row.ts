/** A chat as a row of a list shows it. */
import { ERASED_TEXT } from "../shared/erased.ts";
import type { ListedConversation } from "./others.ts";
import type { ConversationSummary } from "../../chat/wire.ts";
import type { Transcript } from "../client/index.ts";

export type Row = {
  readonly summary: ConversationSummary;
  readonly preview: string;
  readonly unread: number;
  /** Since when it waits, ms since epoch. */
  readonly since: number | undefined;
  /** When its newest known message was written, ms since epoch. */
  readonly at: number | undefined;
};

/** Of one that does not wait, or not before this agent's eyes; `me` is the agent's id. */
export function rowOf(
  listed: ListedConversation,
  transcript: Transcript | undefined,
  me: string | undefined,
): Row {
  const { assignee, customer, newest, toldAt } = listed;
  // Of a colleague's chat the colleague has unread messages, not I.
  const row = { summary: listed, unread: assignee?.id === me ? listed.unread : 0, since: undefined };
  const last = transcript?.messages.at(-1);
  if (last !== undefined && !(newest !== undefined && newest.sentAt > last.sentAt))
    return { ...row, preview: previewOf(last.message, last.own, last.erased), at: Date.parse(last.sentAt) };
  if (newest === undefined) return { ...row, preview: "", at: toldAt };
  const preview = previewOf(newest.preview, newest.userFrom === me, customer.erased);
  return { ...row, preview, at: Date.parse(newest.sentAt) };
}

function previewOf(text: string, isOwn: boolean, isErased = false): string {
  return `${isOwn ? "You: " : ""}${isErased ? ERASED_TEXT : text}`;
}
