/** The commands and versions of STOMP. */

export const VERSIONS = ["1.0", "1.1", "1.2"] as const;
export type Version = (typeof VERSIONS)[number];

export const CLIENT_COMMANDS = [
  "CONNECT",
  "STOMP",
  "SEND",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "ACK",
  "NACK",
  "BEGIN",
  "COMMIT",
  "ABORT",
  "DISCONNECT",
] as const;
export type ClientCommand = (typeof CLIENT_COMMANDS)[number];

export const SERVER_COMMANDS = ["CONNECTED", "MESSAGE", "RECEIPT", "ERROR"] as const;
export type ServerCommand = (typeof SERVER_COMMANDS)[number];

export type Command = ClientCommand | ServerCommand;

/** Whose frames a parser reads. */
export type Peer = "client" | "server";

const COMMANDS: Readonly<Record<Peer, ReadonlyMap<string, Command>>> = {
  client: new Map(CLIENT_COMMANDS.map((command) => [command, command])),
  server: new Map(SERVER_COMMANDS.map((command) => [command, command])),
};

/** The command of this spelling, if the peer may send it; commands are case sensitive. */
export function commandOf(peer: Peer, name: string): Command | undefined {
  return COMMANDS[peer].get(name);
}

/** Only these carry a body (STOMP 1.2, Body). */
export function mayHaveBody(command: Command): boolean {
  return command === "SEND" || command === "MESSAGE" || command === "ERROR";
}

/** Frames whose headers are never escaped (STOMP 1.2, Value Encoding); STOMP is CONNECT by another name. */
export function isUnescaped(command: Command): boolean {
  return command === "CONNECT" || command === "STOMP" || command === "CONNECTED";
}
