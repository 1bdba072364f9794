/** STOMP clients that others wrote, behind one face. */
import { createRequire } from "node:module";
import { Client as Client7 } from "@stomp/stompjs";
import SockJS from "sockjs-client";
import { Client as Client5 } from "stompjs5";
import { WebSocket } from "ws";
import webstomp from "webstomp-client";
import { findInterpreter, programClient } from "./foreign-clients/program-client.ts";
import { connectStompit } from "./foreign-clients/stompit-client.ts";
import { newClient, oldClient } from "./foreign-clients/stompjs-clients.ts";
import type { Connect, Where } from "./foreign-clients/foreign-client.ts";
import type { OldClient } from "./foreign-clients/stompjs-clients.ts";

export type ForeignClientKind = {
  readonly name: string;
  readonly connect: Connect;
  /** What of its bodies need not be text. */
  readonly binary: "both ways" | "received" | "none";
};

type Stomp23 = {
  over(socket: WebSocket): OldClient;
  setInterval: (ms: number, work: () => void) => NodeJS.Timeout;
  clearInterval: (timer: NodeJS.Timeout) => void;
};

const webSocket = ({ webSocketUrl }: Where): WebSocket =>
  new WebSocket(webSocketUrl, ["v12.stomp", "v11.stomp", "v10.stomp"]);

const sockjs = (transport: string): ForeignClientKind => ({
  name: `@stomp/stompjs 7 on sockjs-client, ${transport}`,
  connect: newClient(Client7, ({ url }) => new SockJS(`${url}/chat`, null, { transports: [transport] })),
  // SockJS carries text alone: octets come in base64, and cannot be sent.
  binary: "received",
});

const over23: Connect = oldClient((where) => {
  const { Stomp } = createRequire(import.meta.url)("stompjs/lib/stomp.js") as { Stomp: Stomp23 };
  // In browsers it finds these by itself.
  Stomp.setInterval = (ms, work) => setInterval(work, ms);
  Stomp.clearInterval = clearInterval;
  return Stomp.over(webSocket(where));
}, true);

const overWebstomp: Connect = oldClient(
  (where) => webstomp.over(webSocket(where), { debug: false }) as unknown as OldClient,
  false,
);

/** The clients that npm brings. */
export const FOREIGN_CLIENTS: readonly ForeignClientKind[] = [
  { name: "@stomp/stompjs 7", connect: newClient(Client7, webSocket), binary: "both ways" },
  {
    name: "@stomp/stompjs 5",
    connect: newClient(Client5 as unknown as typeof Client7, webSocket),
    binary: "both ways",
  },
  // These two cut what they receive at every NUL, whatever content-length says, and send strings.
  { name: "stompjs 2.3", connect: over23, binary: "none" },
  { name: "webstomp-client", connect: overWebstomp, binary: "none" },
  { name: "stompit over TCP", connect: connectStompit, binary: "both ways" },
  ...["websocket", "xhr-streaming", "xhr-polling", "eventsource"].map(sockjs),
];

/** The clients that Debian brings, where they are installed; all of them over TCP. */
const DEBIAN_CLIENTS = [
  {
    name: "stomp.py",
    package: "python3-stomp",
    // The first one may be another than Debian's.
    interpreters: ["python3", "/usr/bin/python3"],
    check: ["-c", "import stomp"],
    script: "stomp-py.py",
  },
  {
    name: "ruby-stomp",
    package: "ruby-stomp",
    interpreters: ["ruby"],
    check: ["-e", "require 'stomp'"],
    script: "ruby-stomp.rb",
  },
  {
    name: "Net::Stomp",
    package: "libnet-stomp-perl",
    interpreters: ["perl"],
    check: ["-MNet::Stomp", "-MJSON::PP", "-e", "1"],
    script: "net-stomp.pl",
  },
].map(({ name, package: debian, interpreters, check, script }) => {
  const interpreter = findInterpreter(interpreters, check);
  return { name: `${name} over TCP`, debian, interpreter, script };
});

export const INSTALLED_CLIENTS: readonly ForeignClientKind[] = DEBIAN_CLIENTS.flatMap(
  ({ name, interpreter, script }) =>
    interpreter === undefined
      ? []
      : { name, connect: programClient(interpreter, script), binary: "both ways" as const },
);

/** What to say of those that are not installed. */
export const MISSING_CLIENTS: readonly string[] = DEBIAN_CLIENTS.flatMap(({ name, debian, interpreter }) =>
  interpreter === undefined ? `${name}: Debian's ${debian} is not installed` : [],
);
