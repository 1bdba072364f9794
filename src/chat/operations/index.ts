/** All operations of the store, by name. */
import * as accounts from "./accounts.ts";
import * as audit from "./audit.ts";
import * as blocks from "./blocks.ts";
import * as credentials from "./credentials.ts";
import * as disabling from "./disable.ts";
import * as desk from "./desk.ts";
import * as erasure from "./erasure.ts";
import { exportCustomer } from "./export.ts";
import * as mailbox from "./mailbox.ts";
import * as marks from "./marks.ts";
import * as notes from "./notes.ts";
import * as queries from "./queries.ts";
import * as queues from "./queues.ts";
import { post } from "./post.ts";
import { prune } from "./retention.ts";
import { indexMessages, search } from "./search.ts";
import * as team from "./team.ts";
import { transaction } from "./transaction.ts";

export const OPERATIONS = {
  post,
  claim: desk.claim,
  release: desk.release,
  transfer: desk.transfer,
  close: desk.close,
  invite: desk.invite,
  read: marks.read,
  delivered: marks.delivered,
  writeNote: notes.writeNote,
  setStatus: team.setStatus,
  saveCannedResponse: team.saveCannedResponse,
  deleteCannedResponse: team.deleteCannedResponse,
  block: blocks.block,
  unblock: blocks.unblock,
  isBlocked: blocks.isBlocked,
  transaction,
  indexMessages,
  prune,
  recordAudit: audit.recordAudit,
  auditPage: audit.auditPage,
  pruneAudit: audit.pruneAudit,
  changeQueues: queues.changeQueues,
  queuedMessages: queues.queuedMessages,
  mailboxState: mailbox.mailboxState,
  mailboxPage: mailbox.mailboxPage,
  history: queries.history,
  audience: queries.audience,
  conversation: queries.conversation,
  conversations: queries.conversations,
  customers: queries.customers,
  openConversations: queries.openConversations,
  deskSnapshot: queries.deskSnapshot,
  notes: notes.notes,
  latestNotes: notes.latestNotes,
  search,
  cannedResponses: team.cannedResponses,
  agentStatuses: team.agentStatuses,
  userById: accounts.userById,
  userByLogin: accounts.userByLogin,
  userByTokenHash: accounts.userByTokenHash,
  accounts: accounts.accounts,
  addAgent: accounts.addAgent,
  addService: accounts.addService,
  admitAgent: accounts.admitAgent,
  guestTokenState: accounts.guestTokenState,
  useGuestToken: accounts.useGuestToken,
  startLoginSession: accounts.startLoginSession,
  liveLoginSession: accounts.liveLoginSession,
  useLoginSession: accounts.useLoginSession,
  endLoginSession: accounts.endLoginSession,
  loginSessions: credentials.loginSessions,
  endOneLogin: credentials.endOneLogin,
  rotateToken: credentials.rotateToken,
  setPasscode: credentials.setPasscode,
  signOut: disabling.signOut,
  disable: disabling.disable,
  enable: disabling.enable,
  identify: accounts.identify,
  exportCustomer,
  beginErasure: erasure.beginErasure,
  eraseMessages: erasure.eraseMessages,
  eraseConversations: erasure.eraseConversations,
  mergeWords: erasure.mergeWords,
  endErasure: erasure.endErasure,
  unfinishedErasures: erasure.unfinishedErasures,
} as const;

export type OperationName = keyof typeof OPERATIONS;

/** The input of an operation; null for those that take none. */
export type OperationInput<Name extends OperationName> =
  Parameters<(typeof OPERATIONS)[Name]> extends [unknown, infer Input] ? Input : null;

export type OperationResult<Name extends OperationName> = ReturnType<(typeof OPERATIONS)[Name]>["result"];

/** Reads of many texts: a store may let what is asked later go ahead of them. */
export const PAGE_READS: ReadonlySet<OperationName> = new Set([
  "mailboxPage",
  "history",
  "notes",
  "search",
  "auditPage",
  "exportCustomer",
]);

/** Operations that never write: they are answered even while writing fails. */
export const READS: ReadonlySet<OperationName> = new Set([
  "queuedMessages",
  "mailboxState",
  "mailboxPage",
  "history",
  "audience",
  "conversation",
  "conversations",
  "customers",
  "openConversations",
  "deskSnapshot",
  "notes",
  "latestNotes",
  "search",
  "exportCustomer",
  "cannedResponses",
  "agentStatuses",
  "userById",
  "userByLogin",
  "userByTokenHash",
  "guestTokenState",
  "liveLoginSession",
  "loginSessions",
  "accounts",
  "isBlocked",
  "auditPage",
  "unfinishedErasures",
]);
