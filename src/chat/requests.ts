/** The bodies of the chat's other commands, each strict. */
import { z } from "zod";
import { HISTORY_LIMIT, MAX_HISTORY_LIMIT, MAX_PAGE_TITLE, MAX_PAGE_URL, SHORTCUT } from "./wire.ts";

const conversation = z.string().min(1).max(64);
const seq = z
  .int()
  .min(0)
  .max(2 ** 40);

export const conversationRequest = z.strictObject({ conversation });

export const inviteRequest = z.strictObject({
  user: z.string(),
  message: z.string().optional(),
  clientId: z.string().optional(),
});

export const transferRequest = z.strictObject({ conversation, to: z.string(), note: z.string().optional() });

export const noteRequest = z.strictObject({
  conversation,
  note: z.string(),
  clientId: z.string().optional(),
});

export const statusRequest = z.strictObject({
  status: z.string().pipe(z.enum(["online", "away", "invisible"])),
});

/** An address as it is written in full: plain ASCII, and without the credentials that may stand in one. */
const webAddress = z
  .string()
  .max(MAX_PAGE_URL)
  .transform((text, context) => {
    const address = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
    if (address !== undefined) {
      address.username = "";
      address.password = "";
      if (address.href.length <= MAX_PAGE_URL) return address.href;
    }
    context.addIssue("no address of a page");
    return z.NEVER;
  });

const title = z
  .string()
  .max(MAX_PAGE_TITLE)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));

export const pageRequest = z.strictObject({
  url: webAddress,
  title: title.optional(),
  referrer: webAddress.optional(),
});

export const blockRequest = z.strictObject({
  user: z.string(),
  reason: z.string().optional(),
  address: z.boolean().optional(),
});

export const unblockRequest = z.strictObject({ user: z.string() });

const shortcut = z.string().regex(SHORTCUT);

export const saveCannedResponseRequest = z.strictObject({ shortcut, text: z.string() });

export const deleteCannedResponseRequest = z.strictObject({ shortcut });

export const readRequest = z.strictObject({ conversation, seq });

export const typingRequest = z.strictObject({ conversation, typing: z.boolean() });

export const historyRequest = z.strictObject({
  conversation,
  before: seq.optional(),
  after: seq.optional(),
  limit: z.int().min(1).max(MAX_HISTORY_LIMIT).default(HISTORY_LIMIT),
});
