/** An entry of a mailbox on its way to the cursors that read it. */
import { Message } from "../broker/message.ts";
import { MailboxBodies } from "./mailbox-bodies.ts";
import { formatPosition } from "./position.ts";
import type { MailboxItem } from "./operations/mailbox.ts";

/** An entry as it goes to every cursor of its mailbox; its MESSAGE is composed when the first one needs it. */
export class MailboxDelivery {
  readonly item: MailboxItem;
  readonly #epoch: string;
  readonly #bodies: MailboxBodies;
  #message: Message | undefined;

  /** `bodies` shares the octets between the entries of one post. */
  constructor(epoch: string, item: MailboxItem, bodies = new MailboxBodies(item.body)) {
    this.item = item;
    this.#epoch = epoch;
    this.#bodies = bodies;
  }

  get message(): Message {
    return (this.#message ??= this.#compose());
  }

  #compose(): Message {
    const { offset, own, body } = this.item;
    const headers: [string, string][] = [
      ["position", formatPosition(this.#epoch, offset)],
      ["conversation", body.conversation],
      ["seq", String(body.seq)],
      ["content-type", "application/json"],
    ];
    if (own) headers.push(["own", "true"]);
    return new Message(body.id, headers, this.#bodies.for(own));
  }
}
