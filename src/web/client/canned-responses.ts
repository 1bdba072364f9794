/** The team's canned responses: read when the support topic begins, then changed by its events. */
import { ChatRefusal } from "./refusal.ts";
import type { CannedResponse, EventEnvelope } from "../../chat/wire.ts";
import type { TeamParts } from "./team.ts";

const RETRY_MS = 2000;

type Change = { readonly shortcut: string; readonly text?: string };

export class CannedResponses {
  readonly #parts: TeamParts;
  #texts: ReadonlyMap<string, string> = new Map();
  /** What changed since the list was asked for; undefined when no answer is awaited. */
  #changes: Change[] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: TeamParts) {
    this.#parts = parts;
    parts.events.on("desk", (event) => {
      this.#take(event);
    });
  }

  /** By shortcut. */
  get all(): readonly CannedResponse[] {
    return [...this.#texts]
      .map(([shortcut, text]) => ({ shortcut, text }))
      .sort((one, other) => (one.shortcut < other.shortcut ? -1 : 1));
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#changes = undefined;
    this.#set(new Map());
  }

  #take({ type, data }: EventEnvelope): void {
    // A snapshot stands for events that did not come: only the whole list makes up for them.
    if (type === "snapshot") void this.#load();
    if (type !== "canned-response.saved" && type !== "canned-response.deleted") return;
    const { shortcut, text } = data as Change;
    const change = type === "canned-response.saved" ? { shortcut, text: text ?? "" } : { shortcut };
    this.#changes?.push(change);
    this.#set(changed(this.#texts, [change]));
  }

  async #load(): Promise<void> {
    clearTimeout(this.#timer);
    const changes: Change[] = [];
    this.#changes = changes;
    try {
      const { items } = await this.#parts.api.get<{ items: readonly CannedResponse[] }>(
        "/api/canned-responses",
      );
      if (this.#changes !== changes) return;
      // They may be in the list already, or not yet.
      this.#set(changed(new Map(items.map(({ shortcut, text }) => [shortcut, text])), changes));
    } catch (error) {
      if (this.#changes === changes && error instanceof ChatRefusal && error.isPassing)
        this.#timer = setTimeout(() => {
          // Without a connection the next snapshot asks again.
          if (this.#parts.isOnline()) void this.#load();
        }, RETRY_MS);
    } finally {
      if (this.#changes === changes) this.#changes = undefined;
    }
  }

  #set(texts: ReadonlyMap<string, string>): void {
    this.#texts = texts;
    this.#parts.events.emit("cannedResponses", this.all);
  }
}

function changed(texts: ReadonlyMap<string, string>, changes: readonly Change[]): Map<string, string> {
  const result = new Map(texts);
  for (const { shortcut, text } of changes) {
    if (text === undefined) result.delete(shortcut);
    else result.set(shortcut, text);
  }
  return result;
}
