/** Stream positions: `epoch-offset`, opaque to clients. */
import { refuse } from "./errors.ts";
import { POSITION } from "./wire.ts";

export type StreamPosition = { readonly epoch: string; readonly offset: number };

export function formatPosition(epoch: string, offset: number): string {
  return `${epoch}-${offset}`;
}

/** Throws Refusal BAD_POSITION for what never was a position. */
export function parsePosition(text: string): StreamPosition {
  const match = /^([A-Za-z0-9]+)-(0|[1-9][0-9]{0,15})$/.exec(text);
  const [, epoch, offset] = match ?? [];
  if (!POSITION.test(text) || epoch === undefined || offset === undefined) throw refuse("BAD_POSITION");
  return { epoch, offset: Number(offset) };
}
