/** What load processes write down, a line each: what was sent, answered and shown, and when a connection went. */

/** The messages' texts are their client ids, and those name both sides: `g12_a3_7` is the seventh of guest 12 to agent 3. */
export type Parties = { readonly from: string; readonly to: string };

/** `device` is a session that comes back as itself, `a3/1` the second of agent 3. `at` is in ms since 1970. */
export type LoadRecord = { readonly device: string; readonly at: number } & (
  | { readonly type: "sent"; readonly clientId: string }
  | {
      readonly type: "acked";
      readonly clientId: string;
      readonly id: string;
      readonly conversation: string;
      readonly seq: number;
    }
  | { readonly type: "refused"; readonly clientId: string; readonly code: string }
  | {
      readonly type: "shown";
      readonly id: string;
      readonly conversation: string;
      readonly seq: number;
      readonly text: string;
    }
  | { readonly type: "closed" }
  /** A guest is about to become a customer of the host site, which ends its sessions; and has become it. */
  | { readonly type: "identifying" | "identified" }
);

/** A row of the store. */
export type StoredMessage = {
  readonly id: string;
  readonly conversation: string;
  readonly seq: number;
  readonly text: string;
};

/** The end of a server process. */
export type Outage = { readonly signal: "SIGKILL" | "SIGTERM"; readonly at: number };

export function userOf(device: string): string {
  return device.split("/")[0] ?? "";
}

export function partiesOf(clientId: string): Parties {
  const [from = "", to = ""] = clientId.split("_");
  return { from, to };
}
