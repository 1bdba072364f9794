/** A parsed frame. */
import type { Command } from "./commands.ts";
import type { Headers } from "./headers.ts";

export type Frame = {
  readonly command: Command;
  readonly headers: Headers;
  /** Stays valid, but may share memory with the chunk it arrived in; empty when there is none. */
  readonly body: Uint8Array;
};
