/** Private notes: written and read by those who serve customers; nothing here is shared with messages. */
import { isErased, lastSeqOf, publicPrincipal, userOf } from "../conversation.ts";
import { refuse } from "../errors.ts";
import { SNAPSHOT_ROWS } from "../wire.ts";
import { copyFor } from "../note-copy.ts";
import { about, audit } from "./audit.ts";
import { fitting } from "./fitting.ts";
import { answer, permittedConversation, rowOf } from "./outcome.ts";
import type { Principal } from "../../broker/principal.ts";
import type { Fact } from "../facts.ts";
import type { ConversationRow, NoteRow, Tables, UserRow } from "../tables.ts";
import type { Note } from "../wire.ts";
import type { Deed } from "./audit.ts";
import type { Outcome } from "./outcome.ts";

export type NoteInput = Deed & {
  readonly conversation: string;
  readonly text: string;
  readonly clientId?: string;
  /** Random id for the note. */
  readonly noteId: string;
};

export type NoteResult = Pick<Note, "id" | "conversation" | "number">;

/** Writes a note; the same clientId and text again is the first one. */
export function writeNote(tables: Tables, input: NoteInput): Outcome<NoteResult> {
  const { principal, text, clientId, now } = input;
  const known = clientId === undefined ? undefined : findRepeat(tables, input, clientId);
  if (known !== undefined) return answer(resultOf(tables, known));
  const conversation = permittedConversation(tables, principal, "/chat/note", input.conversation);
  if (isErased(tables, conversation)) throw refuse("CONFLICT", { hint: "the customer was erased" });
  const author = rowOf(tables, principal, now, undefined);
  audit(tables, input, { action: "note", ...about(tables, conversation) });
  const { row, fact } = appendNote(tables, conversation, author, {
    id: input.noteId,
    text,
    now,
    ...(clientId === undefined ? {} : { clientId }),
  });
  return { result: resultOf(tables, row), facts: [fact] };
}

/** Appends a note at the end of what the conversation has now. */
export function appendNote(
  tables: Tables,
  conversation: ConversationRow,
  author: UserRow,
  { id, text, now, clientId }: { id: string; text: string; now: number; clientId?: string },
): { readonly row: NoteRow; readonly fact: Fact } {
  const row = tables.notes.append({
    conversation: conversation.key,
    id,
    author: author.key,
    text,
    writtenAt: now,
    afterSeq: lastSeqOf(tables, conversation),
    ...(clientId === undefined ? {} : { clientId }),
  });
  return { row, fact: { type: "note.written", note: noteOf(tables, conversation, row) } };
}

function findRepeat(
  tables: Tables,
  { principal, conversation, text }: NoteInput,
  clientId: string,
): NoteRow | undefined {
  const author = tables.userById(principal.id);
  const known = author === undefined ? undefined : tables.notes.byClientId(author.key, clientId);
  if (known === undefined) return undefined;
  const row = tables.conversationByKey(known.conversation);
  const isSame = known.text === text || (row !== undefined && isErased(tables, row));
  if (!isSame || row?.id !== conversation) throw refuse("DUPLICATE_ID_CONFLICT", { clientId });
  return known;
}

function resultOf(tables: Tables, { id, conversation, number }: NoteRow): NoteResult {
  const row = tables.conversationByKey(conversation);
  if (row === undefined) throw new Error("a note has no conversation");
  return { id, conversation: row.id, number };
}

export type NotesInput = {
  readonly principal: Principal;
  readonly conversation: string;
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
};

/** A page of a conversation's notes, ascending; the newest when no number is given. No more once their texts fill it. */
export function notes(tables: Tables, input: NotesInput): Outcome<readonly Note[]> {
  const { principal, before, after, limit } = input;
  if (before !== undefined && after !== undefined) throw refuse("BAD_QUERY", { field: "before" });
  const conversation = permittedConversation(tables, principal, "/chat/note", input.conversation);
  const rows =
    after === undefined
      ? fitting(tables.notes.before(conversation.key, before ?? Number.MAX_SAFE_INTEGER, limit), true)
      : fitting(tables.notes.after(conversation.key, after, limit));
  return answer(rows.map((row) => copyFor(principal.id, noteOf(tables, conversation, row))));
}

export type LatestNotes = readonly { readonly conversation: string; readonly number: number }[];

/** The conversations that were noted last, for the snapshot of the notes topic. */
export function latestNotes(tables: Tables): Outcome<LatestNotes> {
  return answer(
    tables.notes.latest(SNAPSHOT_ROWS).flatMap(({ conversation, number }) => {
      const row = tables.conversationByKey(conversation);
      return row === undefined ? [] : [{ conversation: row.id, number }];
    }),
  );
}

export function noteOf(tables: Tables, conversation: ConversationRow, row: NoteRow): Note {
  const erased = isErased(tables, conversation);
  return {
    id: row.id,
    conversation: conversation.id,
    number: row.number,
    author: publicPrincipal(userOf(tables, row.author)),
    note: erased ? "" : row.text,
    writtenAt: new Date(row.writtenAt).toISOString(),
    afterSeq: row.afterSeq,
    ...(row.clientId === undefined ? {} : { clientId: row.clientId }),
    ...(erased ? { erased } : {}),
  };
}
