/** Upgrades that wait for their turn, and peers that do not. */
import { expect, it } from "vitest";
import { onlySession, openRaw, startServer, until, upgrade } from "./transport-server.ts";

it("a socket that goes while its upgrade waits is neither answered nor refused, and harms nobody", async () => {
  const server = await startServer();
  const { transports } = server;
  const take = transports.handleUpgrade.bind(transports);
  transports.handleUpgrade = (request, socket, head) => {
    take(request, socket, head);
    // What a reset by the peer does to it.
    if (request.headers["x-goes"] !== undefined) socket.destroy(new Error("read ECONNRESET"));
  };
  for (const path of ["/chat/websocket", "/nowhere"]) {
    const gone = await openRaw(server, upgrade(path, { "X-Goes": "now" }));
    await gone.ended;
    expect(gone.text()).toBe("");
  }
  const stays = await openRaw(server, upgrade("/chat/websocket"));
  const session = await onlySession(server);
  await until(() => stays.text().startsWith("HTTP/1.1 101 "));
  expect([session.closes, server.refusals]).toEqual([0, []]);
});
