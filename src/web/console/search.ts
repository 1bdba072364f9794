/** A search as one types: asks when the typing pauses, and forgets answers to what is no longer asked. */
import type { FoundMessage, PublicPrincipal } from "../../chat/wire.ts";
import type { SearchPage } from "../client/index.ts";

export type SearchView = {
  /** What was asked for; empty when nothing is. */
  readonly text: string;
  /** `searching`: what is found belongs to the text before. `failed`: see `why`. */
  readonly status: "idle" | "searching" | "done" | "failed";
  readonly customers: readonly PublicPrincipal[];
  readonly messages: readonly FoundMessage[];
  readonly why: string;
  /** The following page: `none`, to be had, on its way, or failed. */
  readonly more: "none" | "there" | "loading" | "failed";
};

export type SearchParts = {
  readonly ask: (text: string, page: { readonly before?: string }) => Promise<SearchPage>;
  readonly changed: (view: SearchView) => void;
  readonly reasonOf: (error: unknown) => string;
};

export const PAUSE_MS = 250;
export const NOTHING: SearchView = {
  text: "",
  status: "idle",
  customers: [],
  messages: [],
  why: "",
  more: "none",
};

export class Search {
  readonly #parts: SearchParts;
  #view = NOTHING;
  #next: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts what was asked: only the answer to the last question is taken. */
  #turn = 0;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  /** The field says this now. */
  type(typed: string): void {
    const text = typed.trim().replaceAll(/\s+/g, " ");
    if (text === this.#view.text) return;
    clearTimeout(this.#timer);
    this.#turn += 1;
    if (text === "") {
      this.#set(NOTHING);
      return;
    }
    this.#set({ ...this.#view, text, status: "searching", more: "none" });
    this.#timer = setTimeout(() => void this.#ask(), PAUSE_MS);
  }

  /** Asks again after a failure. */
  retry(): void {
    if (this.#view.status !== "failed") return;
    this.#set({ ...this.#view, status: "searching" });
    void this.#ask();
  }

  /** Adds the following page. */
  async more(): Promise<void> {
    const { text, more } = this.#view;
    if (this.#next === undefined || more === "none" || more === "loading") return;
    const turn = this.#turn;
    this.#set({ ...this.#view, more: "loading" });
    try {
      const { items, next } = await this.#parts.ask(text, { before: this.#next });
      if (turn !== this.#turn) return;
      this.#next = next;
      const messages = [...this.#view.messages, ...items];
      this.#set({ ...this.#view, messages, more: next === undefined ? "none" : "there" });
    } catch {
      if (turn === this.#turn) this.#set({ ...this.#view, more: "failed" });
    }
  }

  /** The customer was erased: nothing of it is found any more. */
  forget(customer: string): void {
    this.#set({
      ...this.#view,
      customers: this.#view.customers.filter(({ id }) => id !== customer),
      messages: this.#view.messages.filter(({ conversation }) => conversation.customer.id !== customer),
    });
  }

  async #ask(): Promise<void> {
    const { text } = this.#view;
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const { customers, items, next } = await this.#parts.ask(text, {});
      if (turn !== this.#turn) return;
      this.#next = next;
      const more = next === undefined ? "none" : "there";
      this.#set({ text, status: "done", customers, messages: items, why: "", more });
    } catch (error) {
      if (turn === this.#turn)
        this.#set({ ...NOTHING, text, status: "failed", why: this.#parts.reasonOf(error) });
    }
  }

  #set(view: SearchView): void {
    this.#view = view;
    this.#parts.changed(view);
  }
}
