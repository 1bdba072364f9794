/** Whether somebody is there for customers: yes is told at once, no after a while without anybody. */
import { ABSENCE_MS } from "./wire.ts";

export class Availability {
  readonly #tell: (available: boolean) => void;
  #available = false;
  #absence: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (available: boolean) => void) {
    this.#tell = tell;
  }

  get available(): boolean {
    return this.#available;
  }

  /** An agent is connected and takes chats, or none is. */
  observe(isSomebodyThere: boolean): void {
    if (isSomebodyThere) {
      clearTimeout(this.#absence);
      this.#absence = undefined;
      this.#change(true);
    } else if (this.#available) {
      this.#absence ??= setTimeout(() => {
        this.#absence = undefined;
        this.#change(false);
      }, ABSENCE_MS).unref();
    }
  }

  #change(available: boolean): void {
    if (this.#available === available) return;
    this.#available = available;
    this.#tell(available);
  }
}
