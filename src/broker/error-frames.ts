/** How a Refusal and a Disconnect look on the wire. */
import { VERSIONS } from "../stomp/commands.ts";
import { serializeFrame } from "../stomp/serializer.ts";
import { composeBody, Message } from "./message.ts";
import { OutboundFrame } from "./outbound-frame.ts";
import type { Version } from "../stomp/commands.ts";
import type { HeaderList } from "../stomp/headers.ts";
import type { RefusalDetail } from "./errors.ts";

/** The frame that an answer is about. */
export type AnsweredFrame = {
  readonly command?: string | undefined;
  readonly destination?: string;
  readonly receipt?: string | undefined;
};

type Denial = { readonly code: string; readonly message: string; readonly detail: RefusalDetail };

const SAFE_VALUE = /^[^\r\n\0]*$/;

/** ERROR (STOMP 1.2, ERROR): `message` is the code and a short text, the body says it in JSON. */
export function errorFrame(denial: Denial, about: AnsweredFrame, version: Version): OutboundFrame {
  const headers: HeaderList = [
    ["message", `${denial.code} ${denial.message}`],
    ...headersOf(denial, about),
    ...supportedVersions(denial),
    ["content-type", "application/json"],
  ];
  return new OutboundFrame(serializeFrame("ERROR", headers, bodyOf(denial).text, version));
}

/** Told to a client whose versions are not ours (STOMP 1.2, Protocol Negotiation). */
function supportedVersions({ code }: Denial): HeaderList {
  return code === "UNSUPPORTED_VERSION" ? [["version", VERSIONS.join(",")]] : [];
}

/** A refusal as MESSAGE on the errors queue. */
export function refusalMessage(denial: Denial, about: AnsweredFrame, messageId: string): Message {
  return new Message(
    messageId,
    [...headersOf(denial, about), ["content-type", "application/json"]],
    bodyOf(denial),
  );
}

function bodyOf({ code, message, detail }: Denial): ReturnType<typeof composeBody> {
  const { hint, field, clientId, more } = detail;
  return composeBody({ code, message, hint, field, clientId, ...more });
}

function headersOf({ code, detail }: Denial, about: AnsweredFrame): HeaderList {
  const headers: [string, string | undefined][] = [
    ["code", code],
    ["command", about.command],
    ["refused-destination", about.destination],
    ["receipt-id", about.receipt],
    ["client-id", detail.clientId],
    ["retry-after-ms", detail.retryAfterMs?.toString()],
  ];
  return headers.filter((header): header is [string, string] => {
    const value = header[1];
    return value !== undefined && SAFE_VALUE.test(value);
  });
}
