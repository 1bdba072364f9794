/** The code whose every branch is tested and that mutations are tried on: octets to frames, sessions, ack, transactions. */

/** Globs from the repository's root. */
export const CORE = [
  "src/stomp/*.ts",
  "src/broker/{session,session-credentials,intake,pace,rates,answers,dispatch,reply-queue,transactions,carry-out,permission,delivery-proof,subscription,outbox}.ts",
  "src/broker/commands/*.ts",
];
