/** The decisions of an embedding program, around the built-in ones: who somebody is, and what they may do. */
import { z } from "zod";
import { randomId } from "./adapters/auth/tokens.ts";
import { QUEUES, TEMPORARY_QUEUES, TOPICS } from "./broker/destination.ts";
import { Disconnect } from "./broker/errors.ts";
import { refuse } from "./chat/errors.ts";
import { parseJsonObject } from "./chat/json.ts";
import { principalOf } from "./chat/operations/post.ts";
import { shown } from "./chat/presence.ts";
import { textOf } from "./chat/stored-command.ts";
import type { Identity } from "./adapters/auth/identity.ts";
import type { ApiIdentity, PermitRequest } from "./adapters/http/api-parts.ts";
import type { AccessPolicy } from "./broker/application-destination.ts";
import type { Authentication, Authenticator, Credentials } from "./broker/authenticator.ts";
import type { Refusal } from "./broker/errors.ts";
import type { Role } from "./broker/principal.ts";
import type { ChatStore } from "./chat/store.ts";
import type { PublicPrincipal } from "./chat/wire.ts";
import type { Frame } from "./stomp/frame.ts";

/** Whom the embedding program vouches for. */
export type HostUser =
  | {
      readonly kind: "customer";
      /** The program's own id of them, 1 to 255 characters; the same as `sub` of a host site's token. */
      readonly subject: string;
      /** 1 to 100 characters. */
      readonly name?: string;
      /** Epoch milliseconds at which their sessions end; default: never. */
      readonly expiresAt?: number;
    }
  | {
      readonly kind: "agent";
      /** 1 to 64 of `A-Z a-z 0-9 . _ @ + -`; an agent that exists with this login is the same. */
      readonly login: string;
      /** Default: as before, for a new agent `agent`. */
      readonly role?: Role;
      readonly name?: string;
      readonly expiresAt?: number;
    };

/** Who the built-in authentication says it is. */
export type Admission = { readonly user: PublicPrincipal };

/**
 * Asked for each CONNECT, and for each REST request that carries `Authorization: Bearer`. Resolves with a user of the
 * program's own, with what `next` resolved with (the built-in decision: a guest where there are no credentials at all),
 * or with undefined: AUTH_FAILED. `next` rejects when the built-in decision is no; let that pass.
 */
export type AuthenticateHook = (
  credentials: Credentials,
  next: () => Promise<Admission>,
) => Promise<HostUser | Admission | undefined> | HostUser | Admission | undefined;

export type AccessRequest = {
  readonly principal: PublicPrincipal;
  /** Of a frame, or the method of a REST request. */
  readonly verb: "SEND" | "SUBSCRIBE" | "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /**
   * As sent: of a SUBSCRIBE it may be a pattern such as `/topic/**`. Of REST the path; but reading a conversation is SEND
   * to `/chat/history` there too.
   */
  readonly destination: string;
  /** Whom and which conversation the body of a SEND below `/chat/` names. */
  readonly receiver: { readonly user?: string; readonly conversation?: string };
  /** The built-in decision about the destination; what depends on the receiver is decided behind the hook. */
  readonly allowed: boolean;
};

/**
 * Asked before each SEND, SUBSCRIBE and authenticated REST request that the built-in rules do not refuse, and before
 * those to `/topic/`, `/queue/` and `/temp-queue/` that they do: there alone it may allow more. Only true allows.
 */
export type CanHook = (request: AccessRequest) => Promise<boolean> | boolean;

export type Hooks = {
  readonly authenticate: AuthenticateHook | undefined;
  readonly can: CanHook | undefined;
  /** A hook that has not answered by then has failed: the frame or request is refused INTERNAL. */
  readonly timeoutMs: number;
};

export type Hooked = {
  readonly identity: Authenticator & ApiIdentity;
  readonly access: AccessPolicy;
  readonly permit: PermitRequest | undefined;
};

export function withHooks(
  { identity, access, store }: { identity: Identity; access: AccessPolicy; store: ChatStore },
  { authenticate, can, timeoutMs }: Hooks = { authenticate: undefined, can: undefined, timeoutMs: 0 },
): Hooked {
  const vouching = { store, timeoutMs };
  const ask = can === undefined ? undefined : askIn(timeoutMs, can);
  return {
    identity: authenticate === undefined ? identity : hookIdentity(identity, authenticate, vouching),
    access: ask === undefined ? access : { ...access, review: reviewBy(access, ask) },
    permit: ask === undefined ? undefined : permitBy(ask),
  };
}

type Vouching = { readonly store: ChatStore; readonly timeoutMs: number };

function hookIdentity(
  identity: Identity,
  hook: AuthenticateHook,
  vouching: Vouching,
): Authenticator & ApiIdentity {
  return {
    authenticate: (credentials, remoteAddress) =>
      admit(hook, credentials, () => identity.authenticate(credentials, remoteAddress), vouching),
    authenticationOf: async (token) => {
      const builtIn = async (): Promise<Authentication> => {
        const authentication = await identity.authenticationOf(token);
        if (authentication === undefined) throw Disconnect.of("AUTH_FAILED");
        return authentication;
      };
      try {
        return await admit(hook, { authorization: `Bearer ${token}` }, builtIn, vouching);
      } catch (error) {
        if (error instanceof Disconnect) return undefined;
        throw error;
      }
    },
    createGuest: () => identity.createGuest(),
    login: (login, passcode, address) => identity.login(login, passcode, address),
    startSession: (user) => identity.startSession(user),
    identify: (jwt, guestToken) => identity.identify(jwt, guestToken),
  };
}

async function admit(
  hook: AuthenticateHook,
  credentials: Credentials,
  builtIn: () => Promise<Authentication>,
  { store, timeoutMs }: Vouching,
): Promise<Authentication> {
  const admitted = new Map<unknown, Authentication>();
  const denials = new Set<unknown>();
  const next = async (): Promise<Admission> => {
    try {
      const authentication = await builtIn();
      const admission: Admission = { user: shown(authentication.principal) };
      admitted.set(admission, authentication);
      return admission;
    } catch (error) {
      denials.add(error);
      throw error;
    }
  };
  const answer = await answerOf("authenticate", timeoutMs, () => hook(credentials, next)).catch(
    (error: unknown) => {
      throw denials.has(error) ? error : new Error("the hook authenticate failed", { cause: error });
    },
  );
  if (answer === undefined) throw Disconnect.of("AUTH_FAILED");
  return admitted.get(answer) ?? vouched(store, answer);
}

const name = z.string().min(1).max(100).optional();
const expiresAt = z.number().positive().optional();
const hostUser = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("customer"), subject: z.string().min(1).max(255), name, expiresAt }),
  z.strictObject({
    kind: z.literal("agent"),
    login: z.string().regex(/^[A-Za-z0-9._@+-]{1,64}$/),
    role: z.enum(["agent", "supervisor", "admin"]).optional(),
    name,
    expiresAt,
  }),
]);

/** The user's row, found or made; throws an Error for an answer that is none. */
async function vouched(store: ChatStore, answer: unknown): Promise<Authentication> {
  const { data, error } = hostUser.safeParse(answer);
  if (error !== undefined) throw new Error("the hook authenticate answered with no user", { cause: error });
  const entry = {
    id: randomId(),
    now: Date.now(),
    ...(data.name === undefined ? {} : { name: data.name }),
  };
  const user =
    data.kind === "customer"
      ? await store.execute("identify", { ...entry, subject: data.subject })
      : await store.execute("admitAgent", {
          ...entry,
          login: data.login,
          ...(data.role === undefined ? {} : { role: data.role }),
        });
  if (user === undefined) throw Disconnect.of("AUTH_FAILED");
  return {
    principal: principalOf(user),
    ...(data.expiresAt === undefined ? {} : { expiresAt: data.expiresAt }),
  };
}

type Ask = (request: AccessRequest) => Promise<boolean>;

function askIn(timeoutMs: number, hook: CanHook): Ask {
  return async (request) => {
    try {
      return (await answerOf("can", timeoutMs, () => hook(request))) === true;
    } catch (error) {
      throw new Error("the hook can failed", { cause: error });
    }
  };
}

/** Where no conversation and nobody's mailbox is: there a hook may allow what the built-in rules do not. */
const GENERAL = [TOPICS, QUEUES, TEMPORARY_QUEUES];

function reviewBy(access: AccessPolicy, ask: Ask): NonNullable<AccessPolicy["review"]> {
  return async (principal, verb, destination, frame) => {
    const refused = access.refusalOf(principal, verb, destination);
    const isGeneral = GENERAL.some((prefix) => destination.startsWith(prefix));
    if (refused !== undefined && !isGeneral) return refused;
    const receiver = verb === "SEND" && !isGeneral ? receiverIn(frame) : {};
    const request = {
      principal: shown(principal),
      verb,
      destination,
      receiver,
      allowed: refused === undefined,
    };
    if (await ask(request)) return undefined;
    return refused ?? denial(verb === "SUBSCRIBE" || isGeneral);
  };
}

function denial(isDestination: boolean): Refusal {
  return refuse(isDestination ? "FORBIDDEN_DESTINATION" : "FORBIDDEN");
}

/** Read as the command will read it; throws the Refusal of a body that is no JSON object. */
function receiverIn(frame: Frame): AccessRequest["receiver"] {
  const body = parseJsonObject(textOf(frame));
  const user = [body["userTo"], body["user"], body["to"]].find((id) => typeof id === "string");
  const { conversation } = body;
  return {
    ...(user === undefined ? {} : { user }),
    ...(typeof conversation === "string" ? { conversation } : {}),
  };
}

/** One conversation, and its messages. */
const CONVERSATION_PATH = /^\/api\/conversations\/([^/]+)(?:\/messages)?$/;

function permitBy(ask: Ask): PermitRequest {
  return async (principal, method, path) => {
    const conversation = CONVERSATION_PATH.exec(path)?.[1];
    const about =
      conversation === undefined
        ? { verb: method as AccessRequest["verb"], destination: path, receiver: {} }
        : { verb: "SEND" as const, destination: "/chat/history", receiver: { conversation } };
    if (!(await ask({ principal: shown(principal), ...about, allowed: true }))) throw denial(false);
  };
}

/** What the hook resolves with; rejects when it throws, rejects or does not answer in time. */
async function answerOf(hook: string, timeoutMs: number, call: () => unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the hook ${hook} did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}
