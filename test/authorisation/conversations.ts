/** Conversations to ask about, put straight into a store. */
import { randomId } from "../../src/adapters/auth/tokens.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";

/** A conversation and its customer. */
export type Subject = { readonly conversation: string; readonly customer: string };

export class Conversations {
  readonly #store: ChatStore;
  readonly #principalOf: (name: string) => Principal;

  /** `principalOf` knows the `assignee`, and the supervisors `joined` and `second`. */
  constructor(store: ChatStore, principalOf: (name: string) => Principal) {
    this.#store = store;
    this.#principalOf = principalOf;
  }

  /** One that nobody has: a new guest's, or this customer's. */
  async waiting(customer: Principal = { id: randomId(), kind: "guest" }): Promise<Subject> {
    const conversation = randomId();
    await this.post(customer, "support", conversation);
    return { conversation, customer: customer.id };
  }

  /** One that the assignee has and two supervisors joined, the second of whom wrote last. */
  async taken(customer?: Principal): Promise<Subject> {
    const subject = await this.waiting(customer);
    const principal = this.#principalOf("assignee");
    const now = Date.now();
    const joining = { to: subject.customer, conversationId: randomId(), now };
    await this.#store.execute("claim", { principal, conversation: subject.conversation, now });
    await this.#store.execute("invite", { sender: this.#principalOf("joined"), ...joining });
    await this.post(this.#principalOf("second"), subject.customer);
    return subject;
  }

  async post(sender: Principal, to: string, conversationId = randomId(), text = "hello"): Promise<void> {
    const ids = { messageId: randomId(), conversationId };
    await this.#store.execute("post", { sender, to, text, now: Date.now(), ...ids });
  }
}
