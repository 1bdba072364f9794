/** Events as MESSAGEs: the envelope `{type, at, data}` of the events queue and the support topic. */
import { composeBody, Message } from "../broker/message.ts";
import type { HeaderList } from "../stomp/headers.ts";

const JSON_TYPE: readonly [string, string] = ["content-type", "application/json"];

export type Event = { readonly type: string; readonly at: number; readonly data: unknown };

/** Composes an event; `rev` numbers those of the support topic. */
export function composeEvent(
  messageId: string,
  { type, at, data }: Event,
  { rev, receipt }: { rev?: string; receipt?: string } = {},
): Message {
  const headers: HeaderList = [
    JSON_TYPE,
    ...(rev === undefined ? [] : [["rev", rev] as const]),
    ...(receipt === undefined ? [] : [["receipt-id", receipt] as const]),
  ];
  const envelope = { type, at: new Date(at).toISOString(), data, ...(rev === undefined ? {} : { rev }) };
  return new Message(messageId, headers, composeBody(envelope));
}
