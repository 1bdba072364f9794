/** Ends sessions with a typed reason, by hand: one, a user's, or those of one token. What they came with stays good. */
import { hashToken } from "./adapters/auth/tokens.ts";
import { Disconnect } from "./broker/errors.ts";
import { DONE } from "./chat/audit.ts";
import type { Broker } from "./broker/broker.ts";
import type { Session } from "./broker/session.ts";
import type { Actor } from "./chat/audit.ts";
import type { ChatStore } from "./chat/store.ts";

/** Whose sessions: exactly one of the three. */
export type Kicked =
  /** The id of one session, as CONNECTED and the events about connections have it. */
  | { readonly session: string }
  /** The id of a user: all sessions the user has now. */
  | { readonly user: string }
  /** Sessions that came with this token, or, of a guest who came with none, were given it. */
  | { readonly token: string };

/** `SESSION_EXPIRED`: come back. `REVOKED`: do not come back with what you have. */
export const KICK_CODES = ["SESSION_EXPIRED", "REVOKED"] as const;

export type KickReason = {
  /** Default `SESSION_EXPIRED`. */
  readonly code?: (typeof KICK_CODES)[number];
  /** Told to whoever is kicked: 1 to 200 characters in one line; default: that it was the operator. */
  readonly hint?: string;
};

export const HINT = /^[^\p{Cc}\p{Cs}]{1,200}$/u;
const BY_OPERATOR = "the operator ended this session";

export type KickParts = { readonly broker: Broker; readonly store: ChatStore; readonly actor: Actor };

/**
 * Ends them at once; ERROR is behind all that was sent to them. Returns the sessions, and a promise that rejects with a
 * Refusal when it could not be written into the audit log: they are over all the same.
 */
export function kick(
  { broker, store, actor }: KickParts,
  whom: Kicked,
  { code = "SESSION_EXPIRED", hint = BY_OPERATOR }: KickReason,
): { readonly sessions: readonly Session[]; readonly audited: Promise<unknown> } {
  const isMeant = chooserOf(whom);
  const sessions = [...broker.sessions].filter((session) => session.state === "open" && isMeant(session));
  for (const session of sessions) session.disconnect(Disconnect.of(code, { hint }));
  const at = Date.now();
  const lines = [...Map.groupBy(sessions, ({ principal }) => principal.id)].map(
    ([user, [first, ...more]]) => ({
      at,
      actor,
      action: "kick" as const,
      user,
      ...(more.length > 0 || first === undefined ? { times: more.length + 1 } : { object: first.id }),
      detail: code,
      outcome: DONE,
    }),
  );
  const audited = lines.length === 0 ? Promise.resolve() : store.execute("recordAudit", { lines });
  return { sessions, audited };
}

function chooserOf(whom: Kicked): (session: Session) => boolean {
  if ("session" in whom) return ({ id }) => id === whom.session;
  if ("user" in whom) return ({ principal }) => principal.id === whom.user;
  const hash = hashToken(whom.token);
  return ({ authentication }) => authentication?.credentialId === hash;
}
