/** What attackers do: slow-loris, floods of what is valid and what is not, and sessions that never read. */
import { upgradeTo, webSocketMessage } from "./attack-socket.ts";
import type { Attack, AttackSocket } from "./attack-socket.ts";

const SLOW_BACK_MS = 500;
const FLOOD_BACK_MS = 1000;
/** Ticks between two octets of a slow-loris. */
const DRIP_TICKS = 5;
const CONNECT = "CONNECT\naccept-version:1.2\n";
const BATCH = 20;
const BATCHES = 32;
const MAX_SUBSCRIPTIONS = 30;
const LONG_TEXT = "x".repeat(3900);

function drip(socket: AttackSocket, octets: string): void {
  socket.step += 1;
  if (socket.step % DRIP_TICKS === 0) socket.write(octets);
}

/** A WebSocket that is open; then `next`. */
function overWebSocket(socket: AttackSocket, next: () => void): void {
  socket.after("\r\n\r\n", next);
  socket.write(upgradeTo("/chat/websocket", socket.localAddress));
}

/** A session that is connected; then `next` with its user's id. */
function connected(socket: AttackSocket, credentials: string, next: (id: string) => void): void {
  overWebSocket(socket, () => {
    socket.after("user-name:", (heard) => {
      next(/user-name:(\S+)/.exec(heard)?.[1] ?? "");
    });
    socket.write(webSocketMessage(`${CONNECT}${credentials}\n\0`));
  });
}

let sessions = 0;

export const SLOW_LORISES: readonly Attack[] = [
  {
    wire: "http",
    backAfterMs: SLOW_BACK_MS,
    begin: (socket) => socket.write("GET /chat/websocket HTTP/1.1\r\nHost: x\r\n"),
    tick: (socket) => drip(socket, "X-Drip: x\r\n"),
  },
  {
    wire: "http",
    backAfterMs: SLOW_BACK_MS,
    begin: (socket) => overWebSocket(socket, () => undefined),
  },
  {
    wire: "http",
    backAfterMs: SLOW_BACK_MS,
    // A message of 100 octets, of which one comes at a time.
    begin: (socket) =>
      overWebSocket(socket, () => socket.write(webSocketMessage("x".repeat(100)).subarray(0, 6))),
    tick: (socket) => drip(socket, "x"),
  },
  {
    wire: "http",
    backAfterMs: SLOW_BACK_MS,
    begin: (socket) => {
      const length = "Content-Type: text/plain\r\nContent-Length: ";
      const path = `/chat/000/drip${(sessions += 1)}`;
      socket.after("\r\n\r\n", () =>
        socket.write(`POST ${path}/xhr_send HTTP/1.1\r\nHost: x\r\n${length}5000\r\n\r\n`),
      );
      socket.write(`POST ${path}/xhr HTTP/1.1\r\nHost: x\r\n${length}0\r\n\r\n`);
    },
    tick: (socket) => drip(socket, "["),
  },
  {
    wire: "tcp",
    backAfterMs: SLOW_BACK_MS,
    begin: (socket) => socket.write("CONNECT\na:"),
    tick: (socket) => drip(socket, "x"),
  },
];

/** Writes as much as the kernel takes, and in each tick no more than an eighth of a MiB: there are hundreds. */
function pour(socket: AttackSocket, batch: () => Buffer): void {
  if (socket.step !== 1 || !socket.hasRoom) return;
  for (let left = BATCHES; left > 0 && socket.write(batch()); left -= 1);
}

const batches = new WeakMap<AttackSocket, Buffer>();

/** Guests who write to support without a pause. */
const WRITER: Attack = {
  wire: "http",
  backAfterMs: FLOOD_BACK_MS,
  begin: (socket) => {
    connected(socket, "", (id) => {
      const body = JSON.stringify({ userFrom: id, userTo: "support", message: "buy now" });
      const send = `SEND\ndestination:/chat/message\nreceipt:r\n\n${body}\0`;
      socket.write(webSocketMessage("SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n\0"));
      batches.set(socket, webSocketMessage(...Array<string>(BATCH).fill(send)));
      socket.step = 1;
    });
  },
  tick: (socket) => {
    pour(socket, () => batches.get(socket) ?? Buffer.alloc(0));
  },
};

const GARBAGE = [
  "SEND\ndestination:/chat/message\n\n{",
  "SEND\ndestination:/chat/invite\n\n[]",
  "SEND\ndestination:/topic/x\n\nx",
  "SUBSCRIBE\nid:x\ndestination:/user/somebody/queue/messages\n\n",
  "\n\n\n\n",
].map((text) => `${text}\0`);

/** Guests who send what is refused, and nothing but heart-beats, without a pause. */
const BABBLER: Attack = {
  wire: "http",
  backAfterMs: FLOOD_BACK_MS,
  begin: (socket) => {
    connected(socket, "", () => {
      socket.write(webSocketMessage("SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n\0"));
      socket.step = 1;
    });
  },
  tick: (socket) => {
    pour(socket, () =>
      webSocketMessage(...Array.from({ length: BATCH }, (_, at) => GARBAGE[at % GARBAGE.length] ?? "")),
    );
  },
};

/** Who sends nonsense, and comes back at once when cut. */
const RETURNER: Attack = {
  wire: "http",
  backAfterMs: 0,
  begin: (socket) => {
    connected(socket, "", () => socket.write(webSocketMessage("NONSENSE\n\n\0")));
  },
};

export const FLOODERS: readonly Attack[] = [WRITER, WRITER, BABBLER, BABBLER, RETURNER];

/** Sessions that ask for much and never read it: guests for their history, agents for what all guests do. */
export function nonReaders(tokens: readonly string[]): readonly Attack[] {
  const guest: Attack = {
    wire: "http",
    backAfterMs: FLOOD_BACK_MS,
    begin: (socket) => {
      connected(socket, "", (id) => {
        socket.stopReading();
        const body = JSON.stringify({ userFrom: id, userTo: "support", message: LONG_TEXT });
        socket.write(
          webSocketMessage(
            "SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n\0",
            ...Array<string>(4).fill(`SEND\ndestination:/chat/message\n\n${body}\0`),
          ),
        );
        socket.step = 1;
      });
    },
    // All of it again and again: another subscription replays the mailbox.
    tick: (socket) => {
      if (socket.step === 0 || socket.step > MAX_SUBSCRIPTIONS) return;
      const id = (socket.step += 1);
      socket.write(
        webSocketMessage(`SUBSCRIBE\nid:m${id}\nack:client\ndestination:/user/queue/messages\n\n\0`),
      );
    },
  };
  const agents = tokens.map((token): Attack => ({
    wire: "http",
    backAfterMs: FLOOD_BACK_MS,
    begin: (socket) => {
      connected(socket, `passcode:${token}\n`, () => {
        socket.stopReading();
        socket.write(
          webSocketMessage(
            ...["/user/queue/errors", "/chat/topic/support", "/user/queue/messages"].map(
              (destination, id) => `SUBSCRIBE\nid:${id}\ndestination:${destination}\n\n\0`,
            ),
          ),
        );
      });
    },
  }));
  return agents.flatMap((agent) => [guest, agent]);
}
