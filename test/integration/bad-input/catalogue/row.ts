/** What a row of the catalogue of bad input is: what comes in, what is answered, and how that is shown. */
import type { DisconnectCode } from "../../../../src/broker/errors.ts";
import type { RefusalCode } from "../../../../src/chat/errors.ts";
import type { Version } from "../../../../src/stomp/commands.ts";

/** STOMP's carriers; a frame is answered alike on all of them. */
export const TRANSPORTS = ["WebSocket", "SockJS WebSocket", "xhr-streaming", "TCP"] as const;
export type TransportName = (typeof TRANSPORTS)[number];
/** Those that carry octets which are no text. */
export const BINARY: readonly TransportName[] = ["WebSocket", "TCP"];

/** ERROR, then close with this code of WebSocket's (SockJS says the same, TCP says none). */
export type Ends = { readonly ends: DisconnectCode; readonly close: number; readonly hint?: string };
/** A refusal on /user/queue/errors; a session that is not subscribed there gets ERROR and close 1008. */
export type Refuses = {
  readonly refuses: RefusalCode;
  readonly field?: string;
  readonly hint?: string;
};
/** The RECEIPT `ok` comes with these headers, and CONNECTED with those. */
export type Accepts = {
  readonly accepts: Readonly<Record<string, string>>;
  readonly connected?: Readonly<Record<string, string>>;
  /** It writes to the store, as it may. */
  readonly stores?: true;
};

/** `^@` is NUL, ME the peer's id, STRANGER that of another guest, AGENT that of an agent. */
export type FrameCase = {
  readonly name: string;
  /** One message of the transport each. */
  readonly input: readonly (string | Uint8Array)[];
  readonly answer: Ends | Refuses | Accepts;
  /** The input is the first that is sent; else it comes after CONNECT. */
  readonly isFirst?: true;
  readonly as?: "agent";
  readonly version?: Version;
  readonly over?: readonly TransportName[];
  /** Of a refusal: it is not one without the subscription to errors. */
  readonly isListening?: true;
};

/** `GUEST` and `ADMIN` in Authorization are tokens of theirs; THEIRS in the path is another guest's conversation. */
export type RequestCase = {
  readonly name: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
  readonly hint?: string;
};

/** Octets on the bare socket, and how the answer begins. */
export type OctetsCase = { readonly name: string; readonly octets: string; readonly status: number };

/** Variables, and what is said of them: a problem ends the start, a warning does not. */
export type ConfigurationCase = {
  readonly set: Readonly<Record<string, string>>;
  readonly problem?: RegExp;
  readonly warning?: RegExp;
};

/** A test elsewhere: its file below test, and its title as it is written there. */
export type Elsewhere = readonly [file: string, title: string];

export type Row = {
  /** What comes in. */
  readonly what: string;
  readonly frames?: readonly FrameCase[];
  readonly requests?: readonly RequestCase[];
  readonly octets?: readonly OctetsCase[];
  readonly configurations?: readonly ConfigurationCase[];
  readonly tests?: readonly Elsewhere[];
  /** Why there is no test of it, or of a part of it. */
  readonly absent?: string;
};

/** By number. */
export type Rows = Readonly<Record<number, Row>>;

type Options = Pick<FrameCase, "as" | "version" | "over" | "isListening">;
type Input = string | readonly (string | Uint8Array)[];

const inputOf = (input: Input): FrameCase["input"] => (typeof input === "string" ? [input] : input);

/** Ends a session that has connected. */
export function fatal(
  name: string,
  input: Input,
  code: DisconnectCode,
  close: number,
  { hint, ...options }: Options & { readonly hint?: string } = {},
): FrameCase {
  return {
    name,
    input: inputOf(input),
    answer: { ends: code, close, ...(hint === undefined ? {} : { hint }) },
    ...options,
  };
}

/** Ends a session that sends it first. */
export function fatalFirst(
  name: string,
  input: Input,
  code: DisconnectCode,
  close: number,
  hint?: string,
): FrameCase {
  return { ...fatal(name, input, code, close, hint === undefined ? {} : { hint }), isFirst: true };
}

export function refused(
  name: string,
  input: Input,
  code: RefusalCode,
  { field, hint, ...options }: Options & { readonly field?: string; readonly hint?: string } = {},
): FrameCase {
  const about = { ...(field === undefined ? {} : { field }), ...(hint === undefined ? {} : { hint }) };
  return { name, input: inputOf(input), answer: { refuses: code, ...about }, ...options };
}

/** Accepted after CONNECT: the input asks for the receipt `ok`. */
export function accepted(
  name: string,
  input: Input,
  receipt: Readonly<Record<string, string>> = {},
  { stores, ...options }: Options & { readonly stores?: true } = {},
): FrameCase {
  const answer = { accepts: receipt, ...(stores === undefined ? {} : { stores }) };
  return { name, input: inputOf(input), answer, ...options };
}

/** A CONNECT that is accepted, with these headers in CONNECTED. */
export function connects(
  name: string,
  connect: string,
  connected: Readonly<Record<string, string>> = {},
): FrameCase {
  const probe = "SUBSCRIBE\nid:probe\ndestination:/user/queue/errors\nreceipt:ok\n\n^@";
  return { name, input: [`${connect}${probe}`], answer: { accepts: {}, connected }, isFirst: true };
}
