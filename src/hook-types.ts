/** What an embedding program is asked to decide, and what it may answer. */
import type { Credentials } from "./broker/authenticator.ts";
import type { Role } from "./broker/principal.ts";
import type { PublicPrincipal } from "./chat/wire.ts";

/** What a CONNECT brought; empty values are absent. A REST request brings `authorization` and `token`. */
export type HookCredentials = Credentials & {
  /** Of `Authorization: Bearer`, or a passcode that came without a login. */
  readonly token?: string;
};

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
  credentials: HookCredentials,
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
