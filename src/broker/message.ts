/** A MESSAGE before it has a receiver: body once, one head per distinct subscription of a fan-out. */
import { isUtf8 } from "node:buffer";
import { carriable } from "../stomp/headers.ts";
import { serializeHead, serializeOctets } from "../stomp/serializer.ts";
import { OutboundFrame } from "./outbound-frame.ts";
import type { Version } from "../stomp/commands.ts";
import type { HeaderList } from "../stomp/headers.ts";

/** A body shared by every MESSAGE that carries it: text with its length in octets, or octets that are no text. */
export type Body =
  | { readonly text: string; readonly octets: number }
  | { readonly text: undefined; readonly binary: Uint8Array; readonly octets: number };

export function composeBody(value: unknown): Body & { readonly text: string } {
  const text = JSON.stringify(value);
  return { text, octets: Buffer.byteLength(text) };
}

/** A body as it came, in memory of its own: what a peer sent may be part of a larger chunk. */
export function keepBody(octets: Uint8Array): Body {
  const kept = Buffer.from(octets);
  return isUtf8(kept)
    ? { text: kept.toString("utf8"), octets: kept.length }
    : { text: undefined, binary: kept, octets: kept.length };
}

/** Where a MESSAGE goes. */
export type Recipient = {
  readonly version: Version;
  /** The subscribed destination; a message that has one of its own keeps it. */
  readonly destination: string;
  /** The subscription's id; undefined for a STOMP 1.0 subscription without. */
  readonly subscription: string | undefined;
  /** The ACK id in client modes: it makes the frame unique. */
  readonly ack: string | undefined;
  /** False where the transport carries nothing but text: a body of other octets goes in base64. */
  readonly carriesBinary: boolean;
};

/** Serves one fan-out and is dropped after it: what it caches lives as long as the frames. */
export class Message {
  readonly messageId: string;
  readonly body: Body;
  readonly #headers: HeaderList;
  readonly #destination: string | undefined;
  readonly #frames = new Map<string, OutboundFrame>();

  /**
   * `headers` come after destination, message-id and subscription. `destination` is where the message was sent to, when
   * its subscribers may know it under another name, such as a pattern.
   */
  constructor(messageId: string, headers: HeaderList, body: Body, destination?: string) {
    this.messageId = messageId;
    this.body = body;
    this.#headers = headers;
    this.#destination = destination;
  }

  frameFor(recipient: Recipient): OutboundFrame {
    const { version, destination, subscription, ack, carriesBinary } = recipient;
    if (ack !== undefined) return this.#compose(recipient);
    const encoding = this.body.text === undefined && !carriesBinary ? "base64" : "";
    const key = `${version} ${this.#destination ?? destination} ${encoding} ${subscription ?? ""}`;
    let frame = this.#frames.get(key);
    if (frame === undefined) {
      frame = this.#compose(recipient);
      this.#frames.set(key, frame);
    }
    return frame;
  }

  #compose({ version, destination, subscription, ack, carriesBinary }: Recipient): OutboundFrame {
    const headers: [string, string][] = [["destination", this.#destination ?? destination]];
    if (subscription !== undefined) headers.push(["subscription", subscription]);
    headers.push(["message-id", this.messageId]);
    if (ack !== undefined) headers.push(["ack", ack]);
    for (const [name, value] of carriable(this.#headers, version)) headers.push([name, value]);
    const { body } = this;
    if (body.text !== undefined) return textFrame(headers, body.text, body.octets, version);
    if (carriesBinary) return new OutboundFrame(serializeOctets("MESSAGE", headers, body.binary, version));
    const encoded = Buffer.from(body.binary).toString("base64");
    return textFrame(withBase64(headers), encoded, encoded.length, version);
  }
}

/** As in HTTP, what was put on last is named last: the sender's encoding is still on the octets. */
function withBase64(headers: HeaderList): HeaderList {
  const encodings = headers.filter(([name, value]) => name === "content-encoding" && value !== "");
  const others = headers.filter(([name]) => name !== "content-encoding");
  return [...others, ["content-encoding", [...encodings.map(([, value]) => value), "base64"].join(",")]];
}

function textFrame(headers: HeaderList, text: string, octets: number, version: Version): OutboundFrame {
  const counted: HeaderList = [...headers, ["content-length", String(octets)]];
  return new OutboundFrame(`${serializeHead("MESSAGE", counted, version)}${text}\0`);
}
