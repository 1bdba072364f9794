/** Reads a request body that may not grow beyond a cap. */
import { OctetBuffer } from "../../stomp/octet-buffer.ts";
import { hasBody } from "./refusal-answers.ts";
import type { IncomingMessage } from "node:http";

/** A declared length beyond the cap: nothing of it need be read. */
export function declaresMoreThan(cap: number, { headers }: IncomingMessage): boolean {
  return Number(headers["content-length"] ?? 0) > cap;
}

/** The whole body; "tooLong" as soon as it is, the rest unread; "aborted" when the peer went away. */
export function readBody(request: IncomingMessage, cap: number): Promise<Buffer | "tooLong" | "aborted"> {
  return new Promise((resolve) => {
    // Not a list of chunks: of those that come octet by octet each would cost some hundred.
    const body = new OctetBuffer();
    const take = (chunk: Buffer): void => {
      if (body.length + chunk.length <= cap) {
        body.append(chunk);
        return;
      }
      request.off("data", take);
      request.pause();
      resolve("tooLong");
    };
    request.on("data", take);
    request.once("end", () => {
      resolve(Buffer.from(body.slice(0, body.length)));
    });
    request.once("error", () => {
      resolve("aborted");
    });
    request.once("close", () => {
      resolve("aborted");
    });
  });
}

/** Throws away the body of a request that needs none, and the connection with it when there is no end of it. */
export function discardBody(request: IncomingMessage, cap: number): void {
  request.on("error", () => undefined);
  if (!hasBody(request)) return;
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > cap) request.destroy();
  });
}
