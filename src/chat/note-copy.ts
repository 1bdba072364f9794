/** A note as one person gets it: its clientId is the author's alone. */
import type { Note } from "./wire.ts";

export function copyFor(user: string, note: Note): Note {
  if (note.author.id === user) return note;
  const { clientId: _, ...others } = note;
  return others;
}
