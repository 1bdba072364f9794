/** Drafts of an agent, an answer and a note for each conversation, kept over a reload of this tab. */
import { signal } from "@preact/signals";
import { keep, recall, tabStorage } from "./kept.ts";
import { session } from "./session.ts";

/** What is written: to the customer, or for colleagues only. */
export type Mode = "reply" | "note";

/** Another agent at this tab has other drafts. */
const key = (): string => `customer-chat:drafts:${session.peek()?.user.id ?? ""}`;

const drafts = signal<Readonly<Record<string, string>>>(stored());

/** Takes those of the signed-in agent; the returned function puts them away. */
export function watchDrafts(): () => void {
  drafts.value = stored();
  return () => {
    drafts.value = {};
  };
}

export function draftOf(conversation: string, mode: Mode = "reply"): string {
  return drafts.value[keyOf(conversation, mode)] ?? "";
}

export function setDraft(conversation: string, text: string, mode: Mode = "reply"): void {
  const name = keyOf(conversation, mode);
  const { [name]: _, ...rest } = drafts.value;
  drafts.value = text === "" ? rest : { ...rest, [name]: text };
  keep(key(), JSON.stringify(drafts.value), tabStorage);
}

/** Nothing that was begun in this conversation is kept. */
export function dropDrafts(conversation: string): void {
  for (const mode of ["reply", "note"] as const) {
    if (drafts.peek()[keyOf(conversation, mode)] !== undefined) setDraft(conversation, "", mode);
  }
}

/** A refused text comes back, before what was written since. */
export function takeBack(conversation: string, text: string, mode: Mode = "reply"): void {
  const since = draftOf(conversation, mode);
  setDraft(conversation, since === "" ? text : `${text}\n${since}`, mode);
}

/** What is meant for colleagues is never the draft of an answer. */
function keyOf(conversation: string, mode: Mode): string {
  return mode === "reply" ? conversation : `${conversation} ${mode}`;
}

function stored(): Readonly<Record<string, string>> {
  try {
    return JSON.parse(recall(key(), tabStorage) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}
