/** The octets of a message's body: one for the sender's own copies, one for everybody else. */
import { composeBody } from "../broker/message.ts";
import type { Body } from "../broker/message.ts";
import type { MessageBody } from "./wire.ts";

export class MailboxBodies {
  readonly #own: MessageBody;
  #ownBody: Body | undefined;
  #othersBody: Body | undefined;

  /** The body as the sender's own copy has it, `clientId` included. */
  constructor(own: MessageBody) {
    this.#own = own;
  }

  for(own: boolean): Body {
    return own
      ? (this.#ownBody ??= composeBody(this.#own))
      : (this.#othersBody ??= composeBody(withoutClientId(this.#own)));
  }
}

function withoutClientId({ clientId: _, ...rest }: MessageBody): MessageBody {
  return rest;
}
