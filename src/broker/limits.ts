/** Every bound on what a peer can make grow: default, range, unit and the environment name that sets it. */
import type { FrameLimits } from "../stomp/parser.ts";

export type Bound = {
  readonly env: string;
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  readonly unit:
    | "octets"
    | "headers"
    | "subscriptions"
    | "connections"
    | "guests"
    | "transactions"
    | "frames"
    | "messages"
    | "attempts"
    | "ms"
    | "days";
  readonly meaning: string;
};

const KiB = 1024;

export const BOUNDS = {
  maxFrameBodyBytes: {
    env: "MAX_FRAME_BODY_BYTES",
    fallback: 64 * KiB,
    min: 1 * KiB,
    // content-length has at most seven digits.
    max: 9_999_999,
    unit: "octets",
    meaning: "body of one frame from a client",
  },
  maxHeaders: {
    env: "MAX_HEADERS",
    fallback: 32,
    min: 8,
    max: 1000,
    unit: "headers",
    meaning: "header lines of one frame",
  },
  maxHeaderLineBytes: {
    env: "MAX_HEADER_LINE_BYTES",
    fallback: 2 * KiB,
    min: 256,
    max: 64 * KiB,
    unit: "octets",
    meaning: "one header line",
  },
  maxCredentialLineBytes: {
    env: "MAX_CREDENTIAL_LINE_BYTES",
    fallback: 4 * KiB,
    min: 512,
    max: 64 * KiB,
    unit: "octets",
    meaning: "the header line of CONNECT that carries a passcode or token",
  },
  maxHeaderBytes: {
    env: "MAX_HEADER_BYTES",
    fallback: 8 * KiB,
    min: 1 * KiB,
    max: 256 * KiB,
    unit: "octets",
    meaning: "all header lines of one frame; also a whole frame before CONNECT",
  },
  maxOutboxBytes: {
    env: "MAX_OUTBOX_BYTES",
    fallback: 1024 * KiB,
    min: 64 * KiB,
    max: 256 * KiB * KiB,
    unit: "octets",
    meaning: "output queued for one session before it is a slow consumer",
  },
  maxFeedBytes: {
    env: "MAX_FEED_BYTES",
    fallback: 256 * KiB,
    min: 16 * KiB,
    max: 64 * KiB * KiB,
    unit: "octets",
    meaning: "output queued for a session before its events are replaced by a new snapshot",
  },
  maxSubscriptions: {
    env: "MAX_SUBSCRIPTIONS",
    fallback: 32,
    min: 4,
    max: 10_000,
    unit: "subscriptions",
    meaning: "live subscriptions of one session",
  },
  maxConnections: {
    env: "MAX_CONNECTIONS",
    fallback: 20_000,
    min: 10,
    max: 1_000_000,
    unit: "connections",
    meaning: "connections of all peers together",
  },
  maxAddressConnections: {
    env: "MAX_ADDRESS_CONNECTIONS",
    fallback: 100,
    min: 1,
    max: 1_000_000,
    unit: "connections",
    meaning: "connections of one address (of IPv6: of one /64); lifted by RATE_LIMITS=off",
  },
  maxAddressGuests: {
    env: "MAX_ADDRESS_GUESTS",
    fallback: 10,
    min: 1,
    max: 1_000_000,
    unit: "guests",
    meaning: "guests of one address who write for the first time in an hour; lifted by RATE_LIMITS=off",
  },
  maxUnacked: {
    env: "MAX_UNACKED",
    fallback: 256,
    min: 1,
    max: 100_000,
    unit: "messages",
    meaning: "un-ACKed messages of one subscription before delivery pauses",
  },
  maxTransactions: {
    env: "MAX_TRANSACTIONS",
    fallback: 4,
    min: 1,
    max: 1000,
    unit: "transactions",
    meaning: "open transactions of one session",
  },
  maxTransactionFrames: {
    env: "MAX_TRANSACTION_FRAMES",
    fallback: 32,
    min: 1,
    max: 10_000,
    unit: "frames",
    meaning: "SEND, ACK and NACK of one transaction",
  },
  maxTransactionBytes: {
    env: "MAX_TRANSACTION_BYTES",
    fallback: 1024 * KiB,
    min: 1 * KiB,
    max: 256 * KiB * KiB,
    unit: "octets",
    meaning: "bodies of all open transactions of one session",
  },
  maxQueueMessages: {
    env: "MAX_QUEUE_MESSAGES",
    fallback: 10_000,
    min: 1,
    max: 10_000_000,
    unit: "messages",
    meaning: "messages of one /queue/ destination, those with consumers included",
  },
  maxQueuedBytes: {
    env: "MAX_QUEUED_BYTES",
    fallback: 64 * KiB * KiB,
    min: 1024 * KiB,
    max: 16 * KiB * KiB * KiB,
    unit: "octets",
    meaning: "messages of all /queue/ destinations together, 512 octets added for each",
  },
  maxDeliveryAttempts: {
    env: "MAX_DELIVERY_ATTEMPTS",
    fallback: 5,
    min: 1,
    max: 1000,
    unit: "attempts",
    meaning: "deliveries of one message of a queue before it is a dead letter",
  },
  maxPendingReplies: {
    env: "MAX_PENDING_REPLIES",
    fallback: 128,
    min: 1,
    max: 10_000,
    unit: "frames",
    meaning: "frames of one session that wait for their commit before reading pauses",
  },
  connectTimeoutMs: {
    env: "CONNECT_TIMEOUT_MS",
    fallback: 10_000,
    min: 100,
    max: 120_000,
    unit: "ms",
    meaning: "from an open connection to its CONNECT",
  },
  frameTimeoutMs: {
    env: "FRAME_TIMEOUT_MS",
    fallback: 30_000,
    min: 100,
    max: 600_000,
    unit: "ms",
    meaning: "from the first octet of a frame to its last",
  },
  transactionTimeoutMs: {
    env: "TRANSACTION_TIMEOUT_MS",
    fallback: 30_000,
    min: 100,
    max: 600_000,
    unit: "ms",
    meaning: "from BEGIN to COMMIT or ABORT",
  },
  heartbeatMs: {
    env: "HEARTBEAT_MS",
    fallback: 10_000,
    min: 100,
    max: 120_000,
    unit: "ms",
    meaning: "our own heart-beat wish, both directions",
  },
  slowConsumerMs: {
    env: "SLOW_CONSUMER_MS",
    fallback: 10_000,
    min: 100,
    max: 600_000,
    unit: "ms",
    meaning: "output queued with no octet taken before a session is a slow consumer",
  },
} as const satisfies Record<string, Bound>;

export type Limits = { readonly [K in keyof typeof BOUNDS]: number };

/** Silence of a browser's session that is still life: its background tabs wake once a minute. */
export const BROWSER_SILENCE_MS = 75_000;

export const DEFAULT_LIMITS: Limits = Object.fromEntries(
  Object.entries(BOUNDS).map(([name, bound]) => [name, bound.fallback]),
) as Limits;

/** The parser's bounds; a body's depends on whether the peer has connected. */
export function frameLimitsOf(limits: Limits, maxBodyBytes: number): FrameLimits {
  const { maxHeaders, maxHeaderLineBytes, maxCredentialLineBytes, maxHeaderBytes } = limits;
  return { maxBodyBytes, maxHeaders, maxHeaderLineBytes, maxCredentialLineBytes, maxHeaderBytes };
}

/** The parser's bounds before CONNECT: a whole frame, of whatever command, is no larger than a head may be. */
export function openingFrameLimitsOf(limits: Limits): FrameLimits {
  return { ...frameLimitsOf(limits, limits.maxHeaderBytes), maxFrameBytes: limits.maxHeaderBytes };
}

/** Octets that a transport takes of a peer before CONNECTED: a sixteenth more, for its own framing and quoting. */
export function openingOctetsOf({ maxHeaderBytes }: Limits): number {
  return maxHeaderBytes + Math.ceil(maxHeaderBytes / 16);
}
