/** ChatMessage: the body of SEND /chat/message, and the only validation of it. */
import { z } from "zod";
import { Refusal } from "../broker/errors.ts";
import { refuse } from "./errors.ts";
import { parseStrict } from "./strict-body.ts";
import { ADDRESS, CLIENT_ID, MAX_MESSAGE_CODE_POINTS, MAX_MESSAGE_OCTETS } from "./wire.ts";

export const chatMessageSchema = z.strictObject({
  userFrom: z.string(),
  userTo: z.string(),
  message: z.string(),
  clientId: z.string().optional(),
});

export type ChatMessage = {
  readonly userFrom: string;
  readonly userTo: string;
  readonly message: string;
  /** Makes a retry idempotent. */
  readonly clientId?: string;
};

/** The ChatMessage in a body; throws the Refusal that names what is wrong with it. */
export function parseChatMessage(body: string): ChatMessage {
  const { userFrom, userTo, message, clientId } = parseStrict(chatMessageSchema, body);
  if (clientId === undefined) {
    requireSendable(userTo, message);
    return { userFrom, userTo, message };
  }
  requireClientId(clientId);
  try {
    requireSendable(userTo, message);
  } catch (error) {
    throw namingClientId(error, clientId);
  }
  return { userFrom, userTo, message, clientId };
}

/** A refused message's sender finds it again by its clientId. */
export function namingClientId(error: unknown, clientId: string): unknown {
  if (!(error instanceof Refusal)) return error;
  return new Refusal(error.code, error.message, { ...error.detail, clientId });
}

function requireSendable(userTo: string, message: string): void {
  requireText(message);
  requireUserId("userTo", userTo);
}

/** What might be somebody's id; whether it is, and may be addressed, the policy says. */
export function requireUserId(field: string, id: string): void {
  if (!ADDRESS.test(id)) throw refuse("BAD_USER_ID", { field });
}

export function requireClientId(clientId: string): void {
  if (!CLIENT_ID.test(clientId)) throw refuse("BAD_CLIENT_ID", { field: "clientId" });
}

/** C0 controls other than \n and \t, and DEL. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\0-\x08\x0b-\x1f]/;
/** Spaces, controls, format characters and line separators: nothing of it is seen. */
const INVISIBLE = /^[\s\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]*$/u;

/** A message's text, or that of a note, is stored exactly as sent, so what cannot be stored or shown is refused. */
export function requireText(text: string, field = "message"): void {
  if (INVISIBLE.test(text)) throw refuse("EMPTY_MESSAGE", { field });
  if (CONTROL.test(text) || !text.isWellFormed()) throw refuse("BAD_CHARACTER", { field });
  if (text.length <= MAX_MESSAGE_CODE_POINTS) return;
  const actual = [...text].length;
  if (actual > MAX_MESSAGE_CODE_POINTS || Buffer.byteLength(text) > MAX_MESSAGE_OCTETS) {
    throw refuse("MESSAGE_TOO_LONG", { field, more: { limit: MAX_MESSAGE_CODE_POINTS, actual } });
  }
}
