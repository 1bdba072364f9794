/** The server's REST queries, with the token of the moment. */
import { ChatRefusal, CONNECTION_LOST, connectionLost, refusalOf } from "./refusal.ts";
import type { ConversationDetail, ConversationLine, MessageBody, PublicPrincipal } from "../../chat/wire.ts";
import type { Platform } from "./types.ts";

export type ConversationsPage = {
  readonly items: readonly ConversationDetail[];
  readonly next?: string;
  readonly position: string;
};

export type HistoryPage = {
  readonly items: readonly MessageBody[];
  readonly events: readonly ConversationLine[];
  readonly position: string;
};

/** Parameters by name; what is undefined is left out. */
type Query = Readonly<Record<string, string | number | undefined>>;

const TIMEOUT_MS = 15_000;
/** Of what is asked again; without a word from the server it waits so long. */
const ATTEMPTS = 10;
const WAIT_MS = 1000;

export class Api {
  readonly #url: string;
  readonly #fetch: Platform["fetch"];
  readonly #token: () => string | undefined;
  /** Counts those whose queries these are. */
  #asker = 0;

  constructor(url: string, fetch: Platform["fetch"], token: () => string | undefined) {
    this.#url = url;
    this.#fetch = fetch;
    this.#token = token;
  }

  /** Another user comes: what is still on its way to the one before is rejected. */
  abandon(): void {
    this.#asker += 1;
  }

  conversations(query: Query): Promise<ConversationsPage> {
    return this.get("/api/conversations", query);
  }

  conversation(id: string): Promise<ConversationDetail> {
    return this.get(`/api/conversations/${encodeURIComponent(id)}`);
  }

  history(id: string, query: { before?: number; after?: number; limit?: number }): Promise<HistoryPage> {
    return this.get(`/api/conversations/${encodeURIComponent(id)}/messages`, query);
  }

  /**
   * Exchanges the site's token; a guest's token that is no longer valid stands in nobody's way. Without an answer the guest
   * may be the customer already: it asks again.
   */
  async identify(
    jwt: string,
    guestToken: string | undefined,
  ): Promise<{ token: string; user: PublicPrincipal }> {
    const exchange = (body: object): Promise<{ token: string; user: PublicPrincipal }> =>
      this.#call("/api/identify", { method: "POST", body: JSON.stringify(body) });
    if (guestToken === undefined) return exchange({ jwt });
    try {
      return await this.#repeat(
        () => exchange({ jwt, guestToken }),
        CONNECTION_LOST,
        () => true,
      );
    } catch (error) {
      if (!(error instanceof ChatRefusal) || error.code !== "AUTH_FAILED") throw error;
      return exchange({ jwt });
    }
  }

  /** Exchanges login and passcode for a token of a session; agents. */
  login(login: string, passcode: string): Promise<{ token: string; user: PublicPrincipal }> {
    return this.#call("/api/sessions", { method: "POST", body: JSON.stringify({ login, passcode }) });
  }

  /** Any query; the answer is taken for what it is said to be. Where it was asked too often it waits as it is told. */
  get<Result>(path: string, query: Query = {}): Promise<Result> {
    const asker = this.#asker;
    const ask = (): Promise<Result> => this.#call(path + parametersOf(query), { method: "GET" });
    return this.#repeat(ask, "RATE_LIMITED", () => asker === this.#asker);
  }

  /** Does the work again where it is refused with this code; rejects when its result is wanted no more. */
  async #repeat<Result>(work: () => Promise<Result>, code: string, isWanted: () => boolean): Promise<Result> {
    for (let attempts = 1; isWanted(); attempts += 1) {
      try {
        const answer = await work();
        if (isWanted()) return answer;
      } catch (error) {
        if (!(error instanceof ChatRefusal) || error.code !== code || attempts === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, error.body.retryAfterMs ?? WAIT_MS));
      }
    }
    throw connectionLost();
  }

  async #call<Result>(path: string, init: { method: string; body?: string }): Promise<Result> {
    const token = this.#token();
    const headers: Record<string, string> = {};
    if (token !== undefined && init.method === "GET") headers["authorization"] = `Bearer ${token}`;
    if (init.body !== undefined) headers["content-type"] = "application/json";
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#url + path, { ...init, headers, signal, cache: "no-store" });
      text = await response.text();
    } catch {
      throw connectionLost("The server is out of reach.");
    }
    if (response.ok) return JSON.parse(text) as Result;
    const after = Number(response.headers.get("retry-after"));
    throw refusalOf(text, after > 0 ? { "retry-after-ms": String(after * 1000) } : {});
  }
}

function parametersOf(query: Query): string {
  const parameters = Object.entries(query)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return parameters.length === 0 ? "" : `?${parameters.join("&")}`;
}
