/** The decisions of an embedding program, around the built-in ones: who somebody is, and what they may do. */
import { z } from "zod";
import { hashToken, randomId } from "./adapters/auth/tokens.ts";
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
import type { ChatStore } from "./chat/store.ts";
import type { AccessRequest, Admission, AuthenticateHook, CanHook, HookCredentials } from "./hook-types.ts";
import type { Frame } from "./stomp/frame.ts";

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
    startSession: (user, address) => identity.startSession(user, address),
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
  const answer = await answerOf("authenticate", timeoutMs, () => hook(withToken(credentials), next)).catch(
    (error: unknown) => {
      throw denials.has(error) ? error : new Error("the hook authenticate failed", { cause: error });
    },
  );
  if (answer === undefined) throw Disconnect.of("AUTH_FAILED");
  const built = admitted.get(answer);
  if (built !== undefined) return built;
  const { token } = withToken(credentials);
  const authentication = await vouched(store, answer);
  return token === undefined ? authentication : { ...authentication, credentialId: hashToken(token) };
}

const BEARER = /^Bearer +(\S+)$/i;

/** Authorization comes first, as in the built-in authentication. */
function withToken(credentials: Credentials): HookCredentials {
  const { authorization, login, passcode } = credentials;
  const alone = login === undefined ? passcode : undefined;
  const token = authorization === undefined ? alone : BEARER.exec(authorization)?.[1];
  return token === undefined ? credentials : { ...credentials, token };
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
const CONVERSATION_PATH = /^\/api\/conversations\/([^/]+)(?:\/(?:messages|notes))?$/;

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
