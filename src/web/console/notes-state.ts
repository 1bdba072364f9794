/** The private notes of the selected chat, and which of the two one writes: an answer or a note. */
import { computed, effect, signal } from "@preact/signals";
import { client, selected, setTyping } from "./state.ts";
import { reasonOf, say } from "./toast.ts";
import type { Note } from "../../chat/wire.ts";
import type { OutgoingNote } from "../client/index.ts";
import type { Mode } from "./drafts.ts";

export const notes = signal<readonly Note[]>([]);
/** Of all chats. */
export const outgoingNotes = signal<readonly OutgoingNote[]>([]);

const noted = signal<ReadonlySet<string>>(new Set());

/** Each chat has its own; it begins with an answer. */
export const mode = computed<Mode>(() => (noted.value.has(selected.value ?? "") ? "note" : "reply"));

export function setMode(next: Mode): void {
  const id = selected.value;
  if (id === undefined || next === mode.value) return;
  // Whichever way it was chosen: the customer no longer waits for an answer that is not being written.
  setTyping(false);
  const rest = [...noted.value].filter((other) => other !== id);
  noted.value = new Set(next === "note" ? [...rest, id] : rest);
}

/** Follows the selected chat; the returned function ends it. */
export function watchNotes(): () => void {
  return effect(() => {
    const [by, id] = [client.value, selected.value];
    const show = (): void => {
      notes.value = (id === undefined ? undefined : by?.notes(id)) ?? [];
      outgoingNotes.value = by?.outgoingNotes ?? [];
    };
    show();
    if (by !== undefined && id !== undefined) {
      by.loadNotes(id).catch((error: unknown) => {
        if (selected.peek() === id) say(`The notes could not be loaded: ${reasonOf(error)}`);
      });
    }
    return by?.on("notes", show);
  });
}

export function writeNote(text: string): void {
  const id = selected.value;
  if (id !== undefined) client.value?.writeNote(id, text);
}
