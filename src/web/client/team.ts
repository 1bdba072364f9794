/** What those who serve customers share; clients of visitors are made without it. */
import { CannedResponses } from "./canned-responses.ts";
import { Notes } from "./notes.ts";
import { requireNone } from "./require-none.ts";
import type { PublicPrincipal } from "../../chat/wire.ts";
import type { Api } from "./api.ts";
import type { Emitter } from "./emitter.ts";
import type { Link } from "./link.ts";
import type { ClientEvents, SearchPage } from "./types.ts";

export type TeamParts = {
  readonly link: Pick<Link, "send" | "subscribe">;
  readonly api: Pick<Api, "get">;
  readonly events: Emitter<ClientEvents>;
  readonly me: () => PublicPrincipal | undefined;
  readonly now: () => number;
  readonly isOnline: () => boolean;
  /** The seq of the last known message of a conversation. */
  readonly lastSeq: (conversation: string) => number;
};

export class Team {
  readonly notes: Notes;
  readonly cannedResponses: CannedResponses;
  readonly #api: TeamParts["api"];

  constructor(parts: TeamParts) {
    this.#api = parts.api;
    this.notes = new Notes(parts);
    this.cannedResponses = new CannedResponses(parts);
  }

  search(
    text: string,
    { before, limit, ...others }: { before?: string; limit?: number } = {},
  ): Promise<SearchPage> {
    requireNone(others);
    return this.#api.get("/api/search", { text, before, limit });
  }

  clear(): void {
    this.notes.clear();
    this.cannedResponses.clear();
  }
}
