/** The order of writing, syncing and answering, as a trace tells it, against the promise: RECEIPT means on disk. */

export type SyncEvent =
  /** The message with this mark is in the write-ahead log; after a crash of the machine it may be gone. */
  | { readonly type: "written"; readonly mark: string }
  /** Whatever was written before is on disk. */
  | { readonly type: "synced" }
  /** The RECEIPT for this mark was handed to the socket. */
  | { readonly type: "receipt"; readonly mark: string };

/** Messages are marked by their text, and their receipt ids are the marks. */
export const MARK = /mark-[0-9]+-[0-9]+(?![0-9-])/g;

/** Marks whose RECEIPT left before their message was written and, after that, synced. */
export function unsyncedReceipts(events: readonly SyncEvent[]): readonly string[] {
  const written = new Set<string>();
  const synced = new Set<string>();
  const early: string[] = [];
  for (const event of events) {
    if (event.type === "written") written.add(event.mark);
    else if (event.type === "synced") for (const mark of written) synced.add(mark);
    else if (!synced.has(event.mark)) early.push(event.mark);
  }
  return early;
}
