/** Making accounts: the first admin, agents and services, for the start and the command line. */
import { randomInt } from "node:crypto";
import { createOpaqueToken, hashToken, randomId, SERVICE } from "./tokens.ts";
import type { Role, Scope } from "../../broker/principal.ts";
import type { Actor } from "../../chat/audit.ts";
import type { ChatStore } from "../../chat/store.ts";
import type { UserRow } from "../../chat/tables.ts";
import type { Passcodes } from "./passcodes.ts";

/** No letters that look like others: a passcode may be read from a screen. */
const ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
const GENERATED_LENGTH = 20;

/** 20 characters, about 115 bits. */
export function generatePasscode(): string {
  return Array.from({ length: GENERATED_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

export type NewAgent = {
  readonly login: string;
  readonly role: Role;
  /** What customers see; the login when absent. */
  readonly name?: string;
  /** Generated when absent. */
  readonly passcode?: string;
  /** Who adds it; default: the server by itself. */
  readonly actor?: Actor;
};

/** Adds an agent and returns the passcode; rejects with CONFLICT when the login is taken. */
export async function addAgent(
  store: ChatStore,
  passcodes: Passcodes,
  { login, role, name = login, passcode = generatePasscode(), actor = "server" }: NewAgent,
): Promise<{ readonly user: UserRow; readonly passcode: string }> {
  const passcodeHash = await passcodes.hash(passcode);
  const user = await store.execute("addAgent", {
    id: randomId(),
    login,
    role,
    passcodeHash,
    name,
    actor,
    now: Date.now(),
  });
  return { user, passcode };
}

export type NewService = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Who adds it; default: the server by itself. */
  readonly actor?: Actor;
};

/** Adds a service and returns its token, which is shown once. */
export async function addService(
  store: ChatStore,
  { name, scopes, actor = "server" }: NewService,
): Promise<{ readonly user: UserRow; readonly token: string }> {
  const token = createOpaqueToken(SERVICE);
  const user = await store.execute("addService", {
    id: randomId(),
    login: name,
    scopes,
    tokenHash: hashToken(token),
    actor,
    now: Date.now(),
  });
  return { user, token };
}

/** Gives a service another token, which is shown once; the one before ends. Rejects with UNKNOWN_USER. */
export async function rotateToken(
  store: ChatStore,
  { account, actor }: { readonly account: string; readonly actor: Actor },
): Promise<{ readonly user: UserRow; readonly token: string }> {
  const token = createOpaqueToken(SERVICE);
  const tokenHash = hashToken(token);
  const user = await store.execute("rotateToken", { account, tokenHash, actor, now: Date.now() });
  return { user, token };
}

/** Gives an agent another passcode, and ends whatever came in with the one before. Rejects with UNKNOWN_USER. */
export async function setPasscode(
  store: ChatStore,
  passcodes: Passcodes,
  { account, passcode = generatePasscode(), actor }: PasscodeChange,
): Promise<{ readonly user: UserRow; readonly passcode: string }> {
  const passcodeHash = await passcodes.hash(passcode);
  const user = await store.execute("setPasscode", { account, passcodeHash, actor, now: Date.now() });
  return { user, passcode };
}

export type PasscodeChange = {
  readonly account: string;
  /** Generated when absent. */
  readonly passcode?: string;
  readonly actor: Actor;
};

export type FirstAdmin = {
  readonly login: string;
  readonly passcode: string;
  readonly isGenerated: boolean;
};

/** Makes the first admin where there is no agent; undefined where there is one. */
export async function ensureFirstAdmin(
  store: ChatStore,
  passcodes: Passcodes,
  { login, passcode }: { readonly login: string; readonly passcode: string | undefined },
): Promise<FirstAdmin | undefined> {
  const accounts = await store.execute("accounts", null);
  if (accounts.some(({ kind }) => kind === "agent")) return undefined;
  const admin = { login, role: "admin" as const, ...(passcode === undefined ? {} : { passcode }) };
  const added = await addAgent(store, passcodes, admin);
  return { login, passcode: added.passcode, isGenerated: passcode === undefined };
}
