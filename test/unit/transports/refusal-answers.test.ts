/** How an upgrade is refused. */
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { REFUSALS, refuseUpgrade } from "../../../src/adapters/transports/refusal-answers.ts";

describe("refuseUpgrade", () => {
  it("writes one whole HTTP answer and destroys the socket", async () => {
    const socket = new PassThrough();
    refuseUpgrade(socket, REFUSALS.unsupportedVersion);
    const [head = "", body = ""] = String(socket.read()).split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    expect(head).toContain(`Content-Length: ${String(Buffer.byteLength(body))}`);
    expect(head).toContain("Sec-WebSocket-Version: 13");
    expect(JSON.parse(body)).toHaveProperty("code", "UNSUPPORTED_WEBSOCKET_VERSION");
    await once(socket, "close");
  });

  it("survives a peer that resets the connection meanwhile: no 'error' goes unheard", () => {
    const socket = new PassThrough();
    refuseUpgrade(socket, REFUSALS.notFound);
    expect(() => socket.emit("error", new Error("read ECONNRESET"))).not.toThrow();
  });
});
