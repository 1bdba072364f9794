/** The answer to a command line that is no command, with a hint where the mistake is a known one. */
import { isClientCommand, isServerCommand } from "./commands.ts";
import { excerpt, FrameError } from "./errors.ts";

const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
const SHOWN_OCTETS = 32;

export function unknownCommand(line: Uint8Array): FrameError {
  // As Latin-1: what is no command need not be UTF-8 either.
  const command = String.fromCharCode(...line.subarray(0, SHOWN_OCTETS));
  return new FrameError("UNKNOWN_COMMAND", `${excerpt(command)} is no command`, { hint: hintFor(command) });
}

function hintFor(command: string): string | undefined {
  if (command.startsWith(BYTE_ORDER_MARK)) return "the stream begins with a byte order mark";
  if (isServerCommand(command)) return "only a server sends this command";
  if (isClientCommand(command)) return "only a client sends this command";
  const upper = command.toUpperCase();
  if (isClientCommand(upper) || isServerCommand(upper)) return "commands are upper case";
  if (command.endsWith("\r")) return "lines end with LF alone before STOMP 1.2";
  return undefined;
}
