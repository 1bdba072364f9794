/** One serialized server frame, made once and shared by every connection that gets the same octets. */
const encoder = new TextEncoder();

/** A frame ready to write, as text (every chat frame) or as octets that are not valid UTF-8. */
export class OutboundFrame {
  /** The frame as text, NUL included; undefined when its octets are not valid UTF-8. */
  readonly text: string | undefined;
  readonly byteLength: number;
  #octets: Uint8Array | undefined;
  #quoted: string | undefined;

  constructor(content: string | Uint8Array) {
    if (typeof content === "string") {
      this.text = content;
      this.byteLength = Buffer.byteLength(content);
    } else {
      this.#octets = content;
      this.byteLength = content.byteLength;
    }
  }

  get octets(): Uint8Array {
    return (this.#octets ??= encoder.encode(this.text));
  }

  /** The text as a JSON string for SockJS framing; call it only on frames that have text. */
  get quoted(): string {
    return (this.#quoted ??= JSON.stringify(this.text));
  }
}

/** The heart-beat: a lone EOL (STOMP 1.2, Heart-beating). */
export const HEARTBEAT = new OutboundFrame("\n");
