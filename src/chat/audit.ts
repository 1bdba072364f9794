/** The audit log's lines: who did what, on whom, when, from where, with what outcome; never a text, passcode or token. */
import type { Key } from "./tables.ts";

/** What is written down; named as the commands, the verbs of the command line and the routes are. */
export type AuditAction =
  | "sign-in"
  | "sign-out"
  | "claim"
  | "release"
  | "transfer"
  | "close"
  | "invite"
  | "join"
  | "note"
  | "block"
  | "unblock"
  | "status"
  | "save-canned-response"
  | "delete-canned-response"
  | "read-history"
  | "search"
  | "forbidden"
  | "add-agent"
  | "change-agent"
  | "add-service"
  | "rotate-token"
  | "set-passcode"
  | "rotate-key"
  | "kick"
  | "disable"
  | "enable"
  | "backup"
  | "restore"
  | "export-customer"
  | "erase-customer";

/** Who is no user: the command line, the embedding program, the server by itself, and who could not say who they are. */
export const ACTORS = ["operator", "program", "server", "unknown"] as const;
export type Actor = (typeof ACTORS)[number];

/** The outcome of what was not refused. */
export const DONE = "done";

export type AuditLine = {
  /** Epoch milliseconds. */
  readonly at: number;
  /** The id of the user who did it, or one of ACTORS. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The id of the user on whom it was done. */
  readonly user?: string;
  /** The id of the conversation, a canned response's shortcut, or the id of a session. */
  readonly object?: string;
  /** A word or two, such as the role that was given. */
  readonly detail?: string;
  /** As TRUST_PROXY tells it; of guests and customers the network alone. */
  readonly address?: string;
  /** `done`, or the code it was refused with. */
  readonly outcome: string;
  /** How often it happened, where one line stands for several. */
  readonly times?: number;
};

export type AuditRow = AuditLine & { readonly key: Key };

/** Where a line stands: lines are read by time, those of one time in the order in which they were written. */
export type AuditPlace = { readonly at: number; readonly key: Key };

/** Lines, which nothing changes once they are written; they go by their age alone. */
export interface AuditTables {
  append(line: AuditLine): void;
  /** Lines behind a place, ascending; `limit` of them. */
  after(place: AuditPlace, limit: number): readonly AuditRow[];
  /** Drops lines written before a time; returns how many, at most `limit`. */
  dropBefore(at: number, limit: number): number;
}
