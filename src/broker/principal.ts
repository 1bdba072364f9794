/** Who a session speaks for, as its CONNECT proved. */

export type PrincipalKind = "guest" | "customer" | "agent" | "service";
export type Role = "agent" | "supervisor" | "admin";
export type Scope = "topics" | "queues" | "chat" | "api";

export type Principal = {
  /** Made by the server, random, `[A-Za-z0-9_-]{22,64}`. */
  readonly id: string;
  readonly kind: PrincipalKind;
  /** Agents only; each role includes the one before: agent, supervisor, admin. */
  readonly role?: Role;
  readonly name?: string;
  /** True when the host site signed the identity. */
  readonly verified?: boolean;
  /** Services only. */
  readonly scopes?: readonly Scope[];
};
