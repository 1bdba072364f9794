/** One customer's data as one JSON document, in parts that follow each other. */
import { z } from "zod";
import { DONE } from "./chat/audit.ts";
import type { ExportPiece, ExportPlace } from "./chat/operations/export.ts";
import type { ChatStore } from "./chat/store.ts";

/** Messages or notes in one read, and about how many characters in one part. */
const LIMIT = 200;
const PART_CHARACTERS = 256 * 1024;

export const exportInput = z.strictObject({
  customer: z.string().min(1).max(255),
  place: z
    .strictObject({
      conversation: z.int().positive(),
      part: z.enum(["messages", "notes"]),
      after: z.int().nonnegative(),
    })
    .optional(),
});

export type ExportPart = {
  /** What follows the part before; white space may stand between them. */
  readonly text: string;
  /** Absent on the last part. */
  readonly next: ExportPlace | undefined;
};

/** The part of the document at a place, the first one without; the export is in the audit log with its first part. */
export async function exportPart(
  store: ChatStore,
  { customer, place }: z.infer<typeof exportInput>,
  now: number,
): Promise<ExportPart> {
  let text = "";
  let next = place;
  do {
    const at = next;
    const piece = await store.execute("exportCustomer", {
      customer,
      limit: LIMIT,
      ...(at === undefined ? {} : { place: at }),
    });
    if (piece.head !== undefined) await writeDown(store, piece.head.customer.id, now);
    text += textOf(piece, at, now);
    next = piece.next;
  } while (next !== undefined && text.length < PART_CHARACTERS);
  return { text, next };
}

async function writeDown(store: ChatStore, user: string, at: number): Promise<void> {
  const line = { at, actor: "operator", action: "export-customer", user, outcome: DONE } as const;
  await store.execute("recordAudit", { lines: [line] });
}

function textOf(piece: ExportPiece, at: ExportPlace | undefined, now: number): string {
  const { head, conversation, messages, notes, next } = piece;
  const isLast = next === undefined;
  if (head !== undefined || at === undefined) {
    const begun = opened({ exportedAt: new Date(now).toISOString(), ...head }, "conversations");
    return isLast ? `${begun}]}` : begun;
  }
  const begun = conversation === undefined ? "" : opened(conversation, "messages");
  const rows = [...messages, ...notes].map((row) => JSON.stringify(row));
  // The first of its list has no comma before it.
  const listed = rows
    .map((row, index) => (index === 0 && at.after === 0 ? `\n${row}` : `,\n${row}`))
    .join("");
  if (at.part === "messages")
    return next?.part === "notes" ? `${begun}${listed}\n],"notes":[` : begun + listed;
  if (next?.conversation === at.conversation) return listed;
  return `${listed}\n]}${isLast ? "]}" : ",\n"}`;
}

/** An object that goes on with a list. */
function opened(object: object, list: string): string {
  return `${JSON.stringify(object).slice(0, -1)},"${list}":[`;
}
