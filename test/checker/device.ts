/**
 * One session of somebody, which comes back by itself: resumes with its position, drops ids it has, repeats what got no
 * RECEIPT. A guest may become a customer of the host site, and goes on as that.
 */
import { LoadClient } from "../helpers/load-client.ts";
import { siteToken } from "./site.ts";
import type { Meddle, Shown } from "../helpers/load-client.ts";
import type { LoadRecord } from "./records.ts";

const [FIRST_WAIT_MS, MORE_WAIT_MS] = [30, 100];
const REFUSED_WAIT_MS = 200;

type Event = LoadRecord extends infer One
  ? One extends LoadRecord
    ? Omit<One, "device" | "at">
    : never
  : never;

export type DeviceOptions = {
  readonly name: string;
  /** Of the server, http. */
  readonly url: string;
  /** Of an agent; a guest keeps the newest that it is given. */
  readonly token?: string | undefined;
  readonly write: (record: LoadRecord) => void;
  readonly meddle?: Meddle | undefined;
};

export class Device {
  readonly name: string;
  readonly #options: DeviceOptions;
  readonly #known = new Set<string>();
  /** Client id and receiver of what has no RECEIPT yet, in order. */
  readonly #open = new Map<string, string>();
  #client: LoadClient | undefined;
  #token: string | undefined;
  #isGuest: boolean;
  #position: string | undefined;
  id = "";

  constructor(options: DeviceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#token = options.token;
    this.#isGuest = options.token === undefined;
  }

  get isOnline(): boolean {
    return this.#client?.isClosed === false;
  }

  /** Nothing waits for its RECEIPT. */
  get isSettled(): boolean {
    return this.isOnline && this.#open.size === 0;
  }

  /** Connects, again and again until it has a connection; afterwards whenever that goes. */
  async connect(): Promise<void> {
    for (;;) {
      const asGuest = this.#isGuest;
      const client = await this.#dial(asGuest).catch(() => undefined);
      if (client !== undefined && asGuest === this.#isGuest) {
        this.#took(client);
        return;
      }
      client?.close();
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS + Math.random() * MORE_WAIT_MS));
    }
  }

  say(to: string, clientId: string): void {
    this.#open.set(clientId, to);
    this.#send(clientId, to);
  }

  /** Becomes the customer of the host site with this guest's name: asks until it is answered. */
  async identify(): Promise<void> {
    this.#write({ type: "identifying" });
    const jwt = await siteToken(this.name);
    while (this.#isGuest) {
      await this.#becomeCustomer(jwt).catch(
        () => new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS)),
      );
    }
  }

  async #becomeCustomer(jwt: string): Promise<void> {
    const answer = await fetch(`${this.#options.url}/api/identify`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jwt, guestToken: this.#token }),
    });
    if (!answer.ok) throw new Error(`identify: ${answer.status}`);
    this.#token = ((await answer.json()) as { token: string }).token;
    this.#isGuest = false;
    // The customer's positions are others: it goes on where the guest's deliveries ended.
    this.#position = undefined;
    this.#client?.close();
    this.#write({ type: "identified" });
  }

  #dial(asGuest: boolean): Promise<LoadClient> {
    const { url, meddle } = this.#options;
    const headers: Record<string, string> = this.#token === undefined ? {} : { passcode: this.#token };
    return LoadClient.connect(`${url.replace("http", "ws")}/chat`, headers, {
      since: this.#position,
      meddle,
      onMessage: (shown, position) => {
        if (asGuest === this.#isGuest) this.#shown(shown, position);
      },
    });
  }

  #took(client: LoadClient): void {
    if (!client.isRecovered) throw new Error(`${this.name} could not resume`);
    this.#position ??= client.position;
    this.#client = client;
    this.id = client.id;
    if (this.#isGuest) this.#token = client.token;
    client.onRefusal = (code, clientId = "") => {
      this.#write({ type: "refused", clientId, code });
      const to = this.#open.get(clientId);
      if (to !== undefined) setTimeout(() => this.#send(clientId, to), REFUSED_WAIT_MS);
    };
    const closed = (): void => {
      this.#write({ type: "closed" });
      void this.connect();
    };
    client.onClose = closed;
    if (client.isClosed) closed();
    else for (const [clientId, to] of this.#open) this.#send(clientId, to);
  }

  #send(clientId: string, to: string): void {
    const client = this.#client;
    if (client === undefined || client.isClosed) return;
    this.#write({ type: "sent", clientId });
    void client.say(to, clientId, clientId).then(({ headers }) => {
      const [id = "", conversation = ""] = [headers.get("message-id"), headers.get("conversation")];
      this.#write({ type: "acked", clientId, id, conversation, seq: Number(headers.get("seq")) });
      this.#open.delete(clientId);
      this.#known.add(id);
    });
  }

  #shown({ id, conversation, seq, text }: Shown, position: string): void {
    this.#position = position;
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.#write({ type: "shown", id, conversation, seq, text });
  }

  #write(event: Event): void {
    this.#options.write({ ...event, device: this.name, at: Date.now() });
  }
}
