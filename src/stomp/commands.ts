/** The commands and versions of STOMP, and what each command may do. */

/** Oldest first. */
export const VERSIONS = ["1.0", "1.1", "1.2"] as const;
export type Version = (typeof VERSIONS)[number];

/** Commands of frames sent by clients, the frequent ones first (STOMP 1.2, Client Frames). */
export const CLIENT_COMMANDS = [
  "SEND",
  "ACK",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "CONNECT",
  "STOMP",
  "NACK",
  "BEGIN",
  "COMMIT",
  "ABORT",
  "DISCONNECT",
] as const;
export type ClientCommand = (typeof CLIENT_COMMANDS)[number];

/** Commands of frames sent by servers (STOMP 1.2, Server Frames). */
export const SERVER_COMMANDS = ["MESSAGE", "RECEIPT", "CONNECTED", "ERROR"] as const;
export type ServerCommand = (typeof SERVER_COMMANDS)[number];

export type Command = ClientCommand | ServerCommand;

/** Whose frames a parser reads. */
export type Peer = "client" | "server";

const COMMANDS: Readonly<Record<Peer, readonly Command[]>> = {
  client: CLIENT_COMMANDS,
  server: SERVER_COMMANDS,
};

export function isClientCommand(text: string): text is ClientCommand {
  return CLIENT_COMMANDS.some((command) => command === text);
}

export function isServerCommand(text: string): text is ServerCommand {
  return SERVER_COMMANDS.some((command) => command === text);
}

/** The command spelled by the octets [from, to), if the peer may send it; commands are case sensitive. */
export function commandIn(peer: Peer, octets: Uint8Array, from: number, to: number): Command | undefined {
  for (const command of COMMANDS[peer]) {
    if (command.length === to - from && spells(command, octets, from)) return command;
  }
  return undefined;
}

function spells(command: string, octets: Uint8Array, from: number): boolean {
  for (let index = 0; index < command.length; index += 1) {
    if (octets[from + index] !== command.charCodeAt(index)) return false;
  }
  return true;
}

/** Only these carry a body (STOMP 1.2, Body). */
export function mayHaveBody(command: Command): boolean {
  return command === "SEND" || command === "MESSAGE" || command === "ERROR";
}

/** Frames whose headers are never escaped (STOMP 1.2, Value Encoding); STOMP is CONNECT by another name. */
export function isUnescaped(command: Command): boolean {
  return command === "CONNECT" || command === "STOMP" || command === "CONNECTED";
}
