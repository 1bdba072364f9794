/** One session of somebody, which comes back by itself: resumes with its position, drops ids it has, repeats what got no RECEIPT. */
import { LoadClient } from "../helpers/load-client.ts";
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
  #position: string | undefined;
  id = "";

  constructor(options: DeviceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#token = options.token;
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
      const client = await this.#dial().catch(() => undefined);
      if (client !== undefined) {
        this.#took(client);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS + Math.random() * MORE_WAIT_MS));
    }
  }

  say(to: string, clientId: string): void {
    this.#open.set(clientId, to);
    this.#send(clientId, to);
  }

  #dial(): Promise<LoadClient> {
    const { url, meddle } = this.#options;
    const headers: Record<string, string> = this.#token === undefined ? {} : { passcode: this.#token };
    return LoadClient.connect(url, headers, {
      since: this.#position,
      meddle,
      onMessage: (shown, position) => this.#shown(shown, position),
    });
  }

  #took(client: LoadClient): void {
    if (!client.isRecovered) throw new Error(`${this.name} could not resume`);
    this.#position ??= client.position;
    this.#client = client;
    this.id = client.id;
    if (this.#options.token === undefined) this.#token = client.token;
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
