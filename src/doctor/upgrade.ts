/** Whether a WebSocket gets through to the server, and where it is lost when it does not. */
import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";
import { serializeFrame } from "../stomp/serializer.ts";
import { fetchCheck } from "./asking.ts";
import { problem, well } from "./finding.ts";
import type { UpgradeSighting } from "../chat/wire.ts";
import type { Finding } from "./finding.ts";

const PATIENCE_MS = 5000;
/** No such version: the server answers and ends it before there is a session that anybody would be told of. */
const QUESTION = serializeFrame("CONNECT", [["accept-version", "0.0"]], undefined, "1.2");

export async function judgeWebSocket(publicUrl: string): Promise<Finding> {
  const attempt = randomBytes(12).toString("hex");
  const failure = await tryWebSocket(`${publicUrl.replace(/^http/, "ws")}/chat?check=${attempt}`);
  if (failure === undefined) return well("WebSocket: gets through, STOMP is answered");
  const asked = await fetchCheck(publicUrl, { upgrade: attempt });
  const sighting = asked.ok ? (asked.check.upgrade ?? "unseen") : "unseen";
  return problem(`WebSocket: does not get through (${failure}): ${LOST[sighting]}`, ADVICE[sighting]);
}

const LOST: Readonly<Record<UpgradeSighting, string>> = {
  dropped: "the proxy passes the request on without its Upgrade header",
  unseen: "the proxy does not pass the request on",
  passed: "the server got it, its answer was lost on the way back",
};
const ADVICE: Readonly<Record<UpgradeSighting, string>> = {
  dropped:
    "let the proxy pass Upgrade and Connection on (docs/CONFIGURATION.md, Behind a proxy); until then SockJS is used",
  unseen: "allow WebSocket in the proxy (docs/CONFIGURATION.md, Behind a proxy); until then SockJS is used",
  passed: "let the proxy not buffer answers of /chat (docs/CONFIGURATION.md, Behind a proxy)",
};

/** Why it came to nothing; undefined when STOMP was answered. */
function tryWebSocket(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, ["v12.stomp"], { handshakeTimeout: PATIENCE_MS });
    const done = (failure: string | undefined): void => {
      clearTimeout(impatience);
      resolve(failure);
      socket.terminate();
    };
    const impatience = setTimeout(() => {
      done("no answer");
    }, 2 * PATIENCE_MS);
    socket.on("open", () => {
      socket.send(QUESTION);
    });
    socket.on("message", (data: Buffer) => {
      done(data.toString().startsWith("ERROR\n") ? undefined : "an answer that is no STOMP");
    });
    socket.on("unexpected-response", (_request, response) => {
      done(`status ${response.statusCode ?? 0}`);
    });
    socket.on("close", () => {
      done("closed without an answer");
    });
    socket.on("error", (error) => {
      done(error.message);
    });
  });
}
