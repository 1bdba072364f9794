/** A MESSAGE before it has a receiver: body once, one head per distinct subscription of a fan-out. */
import { serializeHead } from "../stomp/serializer.ts";
import { OutboundFrame } from "./outbound-frame.ts";
import type { Version } from "../stomp/commands.ts";
import type { HeaderList } from "../stomp/headers.ts";

/** A composed body with its length in octets, shared by every MESSAGE that carries it. */
export type Body = { readonly text: string; readonly octets: number };

export function composeBody(value: unknown): Body {
  const text = JSON.stringify(value);
  return { text, octets: Buffer.byteLength(text) };
}

/** Serves one fan-out and is dropped after it: what it caches lives as long as the frames. */
export class Message {
  readonly messageId: string;
  readonly body: Body;
  readonly #headers: HeaderList;
  readonly #frames = new Map<string, OutboundFrame>();

  /** `headers` come after destination, message-id and subscription; they are the server's own. */
  constructor(messageId: string, headers: HeaderList, body: Body) {
    this.messageId = messageId;
    this.#headers = headers;
    this.body = body;
  }

  /** The frame for a subscription; `ack` is the ACK id in client modes and makes the frame unique. */
  frameFor(
    version: Version,
    destination: string,
    subscription: string | undefined,
    ack: string | undefined,
  ): OutboundFrame {
    if (ack !== undefined) return this.#compose(version, destination, subscription, ack);
    const key = `${version} ${destination} ${subscription ?? ""}`;
    let frame = this.#frames.get(key);
    if (frame === undefined) {
      frame = this.#compose(version, destination, subscription, undefined);
      this.#frames.set(key, frame);
    }
    return frame;
  }

  #compose(
    version: Version,
    destination: string,
    subscription: string | undefined,
    ack: string | undefined,
  ): OutboundFrame {
    const headers: [string, string][] = [["destination", destination]];
    if (subscription !== undefined) headers.push(["subscription", subscription]);
    headers.push(["message-id", this.messageId]);
    if (ack !== undefined) headers.push(["ack", ack]);
    for (const [name, value] of this.#headers) headers.push([name, value]);
    headers.push(["content-length", String(this.body.octets)]);
    return new OutboundFrame(`${serializeHead("MESSAGE", headers, version)}${this.body.text}\0`);
  }
}
