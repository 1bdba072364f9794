/** What the command line does to accounts that exist: end their sessions, change what they come in with, shut them out. */
import { z } from "zod";
import { rotateToken, setPasscode } from "./adapters/auth/accounts.ts";
import { passcodeProblem } from "./adapters/auth/passcodes.ts";
import { Refusal } from "./broker/errors.ts";
import { parse } from "./parse-input.ts";
import type { AdminVerb } from "./adapters/http/admin-socket.ts";
import type { Passcodes } from "./adapters/auth/passcodes.ts";
import type { LoginSession } from "./chat/operations/credentials.ts";
import type { ChatStore } from "./chat/store.ts";
import type { UserRow } from "./chat/tables.ts";

/** Those that take the login or id of an account, and nothing else or an option. */
export const ACCOUNT_VERBS = [
  "sign-out",
  "disable",
  "enable",
  "list-logins",
  "rotate-token",
  "set-passcode",
] as const;

type AccountVerb = (typeof ACCOUNT_VERBS)[number];

const account = z.string().min(1).max(64);
const accountInput = z.strictObject({ account });
const passcodeInput = z.strictObject({ account, passcode: z.string().optional() });
const signOutInput = z.strictObject({ account, login: z.string().min(1).max(64).optional() });

export function accountVerbs(
  store: ChatStore,
  passcodes: Passcodes,
): Readonly<Record<AccountVerb, AdminVerb>> {
  const change =
    (operation: "disable" | "enable", told: string): AdminVerb =>
    async (input) => {
      const deed = by(parse(accountInput, input));
      const changed = await explained(store.execute(operation, deed), deed.account);
      return [`${told} ${named(changed)}`];
    };
  return {
    "sign-out": async (input) => {
      const { login: session, ...subject } = parse(signOutInput, input);
      const deed = by(subject);
      const ended =
        session === undefined
          ? store.execute("signOut", deed)
          : store.execute("endOneLogin", { ...deed, session });
      const user = await explained(ended, deed.account, session);
      return [
        session === undefined ? `signed out ${named(user)}` : `ended login ${session} of ${named(user)}`,
      ];
    },
    disable: change("disable", "disabled"),
    enable: change("enable", "enabled"),
    "list-logins": async (input) => {
      const { account } = parse(accountInput, input);
      const now = Date.now();
      const sessions = await explained(store.execute("loginSessions", { account }), account);
      return sessions.map((session) => printed(session, now));
    },
    "rotate-token": async (input) => {
      const { account } = parse(accountInput, input);
      const rotating = rotateToken(store, { account, actor: "operator" }).catch((error: unknown) =>
        explain(error, `${account}: there is no such service`),
      );
      const { user, token } = await rotating;
      return [`rotated token of ${named(user)}; the one before is over`, `token ${token}`];
    },
    "set-passcode": async (input) => {
      const { account, passcode } = parse(passcodeInput, input);
      const problem = passcode === undefined ? undefined : passcodeProblem(passcode);
      if (problem !== undefined) throw new Error(problem);
      const change = { account, actor: "operator", ...(passcode === undefined ? {} : { passcode }) } as const;
      const setting = setPasscode(store, passcodes, change).catch((error: unknown) =>
        explain(error, `${account}: there is no such agent`),
      );
      const { user, passcode: set } = await setting;
      const shown = passcode === undefined ? [`passcode ${set}`] : [];
      return [`set passcode of ${named(user)}; what came in with the one before is over`, ...shown];
    },
  };
}

function by<Subject>(subject: Subject): Subject & { readonly actor: "operator"; readonly now: number } {
  return { ...subject, actor: "operator", now: Date.now() };
}

function named({ kind, id, login }: UserRow): string {
  return `${kind} ${login ?? ""}, id ${id}`;
}

/** A line of columns, with tabs between: id, begun, last used, over at, from where. */
function printed({ id, createdAt, usedAt, expiresAt, address }: LoginSession, now: number): string {
  const times = [createdAt, usedAt, expiresAt].map((at) => new Date(at).toISOString());
  return [id, ...times, address ?? "-", ...(expiresAt <= now ? ["expired"] : [])].join("\t");
}

function explained<Result>(doing: Promise<Result>, account: string, session?: string): Promise<Result> {
  return doing.catch((error: unknown) =>
    error instanceof Refusal && error.code === "NOT_FOUND"
      ? explain(error, `${session ?? ""}: ${account} has no such login; list-logins shows them`)
      : explain(error, `${account}: there is no such agent or service`),
  );
}

/** Throws an Error for the operator where nobody, or nothing, is what was named. */
function explain(error: unknown, told: string): never {
  const isUnknown = error instanceof Refusal && ["UNKNOWN_USER", "NOT_FOUND"].includes(error.code);
  throw isUnknown ? new Error(told) : error;
}
