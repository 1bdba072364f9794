/** Drafts, one for each conversation, kept over a reload of this tab. */
import { signal } from "@preact/signals";

const KEY = "customer-chat:drafts";

const drafts = signal<Readonly<Record<string, string>>>(stored());

export function draftOf(conversation: string): string {
  return drafts.value[conversation] ?? "";
}

export function setDraft(conversation: string, text: string): void {
  const { [conversation]: _, ...rest } = drafts.value;
  drafts.value = text === "" ? rest : { ...rest, [conversation]: text };
  sessionStorage.setItem(KEY, JSON.stringify(drafts.value));
}

function stored(): Readonly<Record<string, string>> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}
