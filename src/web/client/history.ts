/** Pages of histories: older ones on request, and what is missing behind the last known message. */
import type { Api } from "./api.ts";
import type { Transcripts } from "./transcripts.ts";

const PAGE = 200;
const RETRY_MS = 2000;

export class History {
  readonly #api: Api;
  readonly #transcripts: Transcripts;
  readonly #me: () => string | undefined;
  readonly #changed: (conversation: string) => void;
  /** One walk at a time for each conversation. */
  readonly #walks = new Map<string, Promise<void>>();

  constructor(
    api: Api,
    transcripts: Transcripts,
    me: () => string | undefined,
    changed: (conversation: string) => void,
  ) {
    this.#api = api;
    this.#transcripts = transcripts;
    this.#me = me;
    this.#changed = changed;
  }

  /** The newest page, or the one before the first known message. */
  async loadOlder(conversation: string, limit: number): Promise<void> {
    await this.#walks.get(conversation)?.catch(() => undefined);
    const first = this.#transcripts.firstSeq(conversation);
    if (first === 1) return;
    const page = await this.#api.history(conversation, first === 0 ? { limit } : { before: first, limit });
    this.#merge(conversation, page, (page.items[0]?.seq ?? 1) === 1);
  }

  /** Everything behind the last known message; repeats itself until a hole is closed. */
  catchUp(conversation: string): Promise<void> {
    const running = this.#walks.get(conversation);
    if (running !== undefined) return running;
    const walk = this.#walk(conversation).finally(() => {
      this.#walks.delete(conversation);
      if (!this.#transcripts.hasHole(conversation)) return;
      setTimeout(() => {
        if (this.#transcripts.hasHole(conversation)) this.catchUp(conversation).catch(() => undefined);
      }, RETRY_MS);
    });
    this.#walks.set(conversation, walk);
    return walk;
  }

  async #walk(conversation: string): Promise<void> {
    for (;;) {
      const after = this.#transcripts.lastSeq(conversation);
      const page = await this.#api.history(
        conversation,
        after === 0 ? { limit: PAGE } : { after, limit: PAGE },
      );
      this.#merge(conversation, page, after === 0 && (page.items[0]?.seq ?? 1) === 1);
      // A page of long messages has fewer than were asked for.
      if (page.items.length === 0 || after === 0) return;
    }
  }

  #merge(
    conversation: string,
    { items, events }: Awaited<ReturnType<Api["history"]>>,
    isFirst: boolean,
  ): void {
    this.#transcripts.merge(conversation, { items, events, isFirst }, this.#me());
    this.#changed(conversation);
  }
}
