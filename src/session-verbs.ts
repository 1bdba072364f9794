/** What the command line does to the sessions of a running server: list them, end some. */
import { z } from "zod";
import { networkOf } from "./broker/network.ts";
import { isCustomer } from "./chat/access-policy.ts";
import { shortIdOf } from "./chat/operations/credentials.ts";
import { counted } from "./counted.ts";
import { HINT, kick, KICK_CODES } from "./kick.ts";
import { parse } from "./parse-input.ts";
import type { AdminVerb } from "./adapters/http/admin-socket.ts";
import type { Broker } from "./broker/broker.ts";
import type { Session } from "./broker/session.ts";
import type { ChatStore } from "./chat/store.ts";
import type { Kicked } from "./kick.ts";

/** There is nothing for them to do where no server runs. */
export const SESSION_VERBS = ["list-connections", "kick"] as const;

const user = z.string().min(1).max(64);
const listInput = z.strictObject({ user: user.optional() });
const kickInput = z
  .strictObject({
    session: z.string().min(1).max(64).optional(),
    user: user.optional(),
    token: z
      .string()
      .max(8192)
      .regex(/^cc_/, "one of ours begins with cc_; it is read from standard input")
      .optional(),
    code: z.enum(KICK_CODES, `one of ${KICK_CODES.join(", ")}`).optional(),
    reason: z.string().regex(HINT, "1 to 200 characters in one line").optional(),
  })
  .refine(
    ({ session, user, token }) => [session, user, token].filter((one) => one !== undefined).length === 1,
    "say a session, --user or --token, one of them",
  );

type Parts = { readonly broker: Broker; readonly store: ChatStore };

export function sessionVerbs(parts: Parts): Readonly<Record<(typeof SESSION_VERBS)[number], AdminVerb>> {
  return {
    "list-connections": async (input) => {
      const { user } = parse(listInput, input);
      const id = user === undefined ? undefined : await idOf(parts, user);
      const logins = await loginsOf(parts.store);
      return [...parts.broker.sessions]
        .filter(({ state, authentication }) => state === "open" && isOf(id, authentication?.principal.id))
        .map((session) => printed(session, logins, parts.broker.now()));
    },
    kick: async (input) => {
      const { session, user, token, code, reason } = parse(kickInput, input);
      const whom = await whomOf(parts, { session, user, token });
      const why = {
        ...(code === undefined ? {} : { code }),
        ...(reason === undefined ? {} : { hint: reason }),
      };
      const { sessions, audited } = kick({ ...parts, actor: "operator" }, whom, why);
      if (sessions.length === 0) throw new Error(nobodyOf({ session, user }));
      const unwritten = await audited.then(
        () => [],
        (error: unknown) => [
          `it is not in the audit log: ${error instanceof Error ? error.message : String(error)}`,
        ],
      );
      const users = [...new Set(sessions.map(({ principal }) => principal.id))];
      return [`ended ${counted(sessions.length, "session")} of ${users.join(", ")}`, ...unwritten];
    },
  };
}

type Asked = Readonly<Record<"session" | "user" | "token", string | undefined>>;

async function whomOf(parts: Parts, { session, user, token = "" }: Asked): Promise<Kicked> {
  if (session !== undefined) return { session };
  return user === undefined ? { token } : { user: await idOf(parts, user) };
}

function nobodyOf({ session, user }: Pick<Asked, "session" | "user">): string {
  if (session !== undefined) return `${session}: there is no such session; list-connections shows them`;
  return user === undefined ? "no session came with this token" : `${user} has no session`;
}

function isOf(wanted: string | undefined, id: string | undefined): boolean {
  return wanted === undefined || wanted === id;
}

/** Of a login or an id; a guest who has not written is known by a session alone. Throws an Error for the operator. */
async function idOf({ broker, store }: Parts, user: string): Promise<string> {
  const found =
    (await store.execute("userByLogin", { login: user })) ?? (await store.execute("userById", { id: user }));
  if (found !== undefined) return found.id;
  if (broker.sessionsOf(user).length > 0) return user;
  throw new Error(`${user}: there is no such user`);
}

async function loginsOf(store: ChatStore): Promise<ReadonlyMap<string, string | undefined>> {
  const accounts = await store.execute("accounts", null);
  return new Map(accounts.map(({ id, login }) => [id, login]));
}

/** A line of columns, with tabs between: session, kind, login, user, since, transport, from where, login session. */
function printed(session: Session, logins: ReadonlyMap<string, string | undefined>, now: number): string {
  const { principal, connection, authentication, openedAt } = session;
  const { remoteAddress, transport } = connection;
  const address = isCustomer(principal) ? networkOf(remoteAddress, { four: 24, six: 48 }) : remoteAddress;
  const since = new Date(Date.now() - (now - openedAt)).toISOString();
  const credential = principal.kind === "agent" ? authentication?.credentialId : undefined;
  const login = credential === undefined ? "-" : shortIdOf(credential);
  const who = [principal.kind, logins.get(principal.id) ?? "-", principal.id];
  return [session.id, ...who, since, transport, address, login].join("\t");
}
