/** Requests and upgrades as browsers and programs make them, and what they are answered. */
import { once } from "node:events";
import { Agent, request } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

export type Headers = Readonly<Record<string, string | readonly string[]>>;

export type Visit = {
  /** Of HTTP, or `WS` for an upgrade. */
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body?: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Empty where more may come. */
  readonly body: string;
};

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};
/** Their answers last; what they begin with is the same for everybody. */
const STREAMS = /\/(?:xhr_streaming|eventsource)$/;

export class Visitor {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number) {
    this.#port = port;
  }

  async visit({ method, path, headers, body = "" }: Visit): Promise<Answer> {
    const isUpgrade = method === "WS";
    const asking = request({
      ...{ host: "127.0.0.1", port: this.#port, path, method: isUpgrade ? "GET" : method },
      ...(isUpgrade ? { agent: false } : { agent: this.#agent }),
      headers: { ...(isUpgrade ? UPGRADE : {}), ...octetsOf(headers) },
    });
    const upgraded = once(asking, "upgrade") as Promise<[IncomingMessage, Duplex]>;
    const answered = once(asking, "response") as Promise<[IncomingMessage]>;
    for (const outcome of [upgraded, answered]) outcome.catch(() => undefined);
    asking.end(body);
    const [response, socket] = await Promise.race<[IncomingMessage, Duplex?]>([upgraded, answered]);
    socket?.destroy();
    const { statusCode: status = 0, headers: told } = response;
    const isLasting = STREAMS.test(path) && status === 200;
    if (isLasting) asking.destroy();
    return { status, headers: told, body: isLasting || socket !== undefined ? "" : await textOf(response) };
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Headers are octets: those of UTF-8 for what is not ASCII. */
function octetsOf(headers: Headers): Record<string, string | string[]> {
  const encode = (text: string): string => Buffer.from(text).toString("latin1");
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === "string" ? encode(value) : value.map(encode),
    ]),
  );
}

/** The lines of a table, each in its columns, which stand two spaces apart. */
export function rowsOf(table: string): readonly (readonly string[])[] {
  const lines = table.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => line.trim().split(/ {2,}/));
}

/** `Name: value | Name: value`; a name that comes again is a header that comes again. */
export function parseHeaders(text: string): Headers {
  const headers: Record<string, string | string[]> = {};
  for (const line of text.split(" | ")) {
    const [, name = "", value = ""] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    const before = headers[name];
    if (name !== "") headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
