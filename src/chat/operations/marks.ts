/** How far each side got: read and delivered marks, which only grow. */
import { audienceOf, canonical, lastSeqOf, publicPrincipal } from "../conversation.ts";
import { refuse } from "../errors.ts";
import { permittedConversation, rowOf } from "./outcome.ts";
import { pageOfMailbox } from "./mailbox.ts";
import { participantOf, readSeqOf } from "./transitions.ts";
import type { Principal } from "../../broker/principal.ts";
import type { Fact } from "../facts.ts";
import type { Tables, UserRow } from "../tables.ts";
import type { Outcome } from "./outcome.ts";

export type ReadInput = {
  readonly principal: Principal;
  readonly conversation: string;
  readonly seq: number;
  readonly now: number;
};

/** Moves the reader's mark to `seq`; a smaller one changes nothing. */
export function read(tables: Tables, input: ReadInput): Outcome<{ readonly readSeq: number }> {
  const conversation = permittedConversation(tables, input.principal, "/chat/read", input.conversation);
  if (input.seq > lastSeqOf(tables, conversation)) {
    throw refuse("BAD_VALUE", { field: "seq", hint: "the conversation has no such message yet" });
  }
  const user = canonical(tables, rowOf(tables, input.principal, input.now, undefined));
  const before = readSeqOf(tables, conversation, user.key);
  if (input.seq <= before) return { result: { readSeq: before }, facts: [] };
  tables.putParticipant({ ...participantOf(tables, conversation.key, user.key), readSeq: input.seq });
  const fact: Fact = {
    type: "message.read",
    conversation: conversation.id,
    user: publicPrincipal(user),
    seq: input.seq,
    audience: audienceOf(tables, conversation),
  };
  return { result: { readSeq: input.seq }, facts: [fact] };
}

export type DeliveredInput = {
  readonly user: string;
  /** The mailbox's new mark: everything up to it is proven. */
  readonly offset: number;
  /** The newest delivered seq of each conversation that the new mark covers; looked up when absent. */
  readonly seqs?: readonly (readonly [conversation: string, seq: number])[];
};

/** How far back a mark that leaps is told to the other side; older messages are covered by the next proof. */
const LOOKED_UP = 1000;

/** Moves a mailbox's delivered mark; a smaller one changes nothing. */
export function delivered(tables: Tables, { user: id, offset, seqs }: DeliveredInput): Outcome<null> {
  const user = tables.userById(id);
  // A guest's positions end with the guest: in the mailbox of the customer the guest became they are other messages'.
  if (user === undefined || user.aliasOf !== undefined) return { result: null, facts: [] };
  const mark = tables.deliveredMark(user.key);
  const covered = seqs ?? seqsBetween(tables, user, mark, offset);
  if (offset > mark) tables.setDeliveredMark(user.key, offset);
  const facts: Fact[] = [];
  for (const [conversationId, seq] of covered) {
    const conversation = tables.conversationById(conversationId);
    if (conversation === undefined) continue;
    const participant = participantOf(tables, conversation.key, user.key);
    if (seq <= participant.deliveredSeq) continue;
    tables.putParticipant({ ...participant, deliveredSeq: seq });
    facts.push({
      type: "message.delivered",
      conversation: conversationId,
      user: publicPrincipal(user),
      seq,
      audience: audienceOf(tables, conversation),
    });
  }
  return { result: null, facts };
}

/** The newest seq of each conversation that others wrote in the mailbox's part (after, upTo]. */
function seqsBetween(
  tables: Tables,
  user: UserRow,
  after: number,
  upTo: number,
): ReadonlyMap<string, number> {
  const from = Math.max(after, upTo - LOOKED_UP);
  const seqs = new Map<string, number>();
  for (const { offset, own, body } of pageOfMailbox(tables, user, from, LOOKED_UP)) {
    if (offset <= upTo && !own) seqs.set(body.conversation, body.seq);
  }
  return seqs;
}
