/** What was found out, before anybody judges it. */
import type { ConnectionCheck } from "../../chat/wire.ts";

/** Of the question what the server sees. */
export type Asked =
  | {
      readonly kind: "answered";
      readonly check: ConnectionCheck;
      /** Milliseconds for a request and its answer. */
      readonly took: number;
      /** This clock's lead over the server's, in milliseconds. */
      readonly ahead: number;
    }
  /** Something answered that is not this server, or not now. */
  | { readonly kind: "strange"; readonly status: number }
  | { readonly kind: "silent" };

/** Of a CONNECT over one transport. */
export type Tried =
  | {
      readonly ok: true;
      /** Milliseconds until the answer. */
      readonly took: number;
      /** The server said no: the transport works. */
      readonly refusal?: string;
    }
  | { readonly ok: false; readonly why: "closed" | "silent" | "not loaded" };
