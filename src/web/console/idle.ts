/** Away without input for a while, and back with the first one; a status that somebody chose stays. */
import type { AgentStatus } from "../../chat/wire.ts";

export const IDLE_MS = 10 * 60_000;
/** A hand on the mouse is one input, not thousands. */
const NOTE_MS = 5000;

/** What all tabs of one browser share. */
export type IdleMemory = {
  /** When the last input was, ms since epoch; undefined when there was none. */
  lastInput: number | undefined;
  /** Whether the agent is away because there was no input. */
  isAutomatic: boolean;
};

export type IdleParts = {
  readonly now: () => number;
  readonly memory: IdleMemory;
  /** Undefined while it is not known. */
  readonly status: () => AgentStatus | undefined;
  readonly setStatus: (status: AgentStatus) => void;
};

export class IdleWatch {
  readonly #parts: IdleParts;
  #noted = -Infinity;

  constructor(parts: IdleParts) {
    this.#parts = parts;
  }

  /** A key, a click, a move of the mouse. */
  input(): void {
    const { now, memory, status, setStatus } = this.#parts;
    const at = now();
    const isBack = memory.isAutomatic && status() !== undefined;
    if (!isBack && at - this.#noted < NOTE_MS) return;
    this.#noted = at;
    memory.lastInput = at;
    if (!isBack) return;
    memory.isAutomatic = false;
    if (status() === "away") setStatus("online");
  }

  /** Call it now and then. */
  look(): void {
    const { now, memory, status, setStatus } = this.#parts;
    if (status() !== "online") return;
    memory.lastInput ??= now();
    if (now() - memory.lastInput < IDLE_MS) return;
    memory.isAutomatic = true;
    setStatus("away");
  }

  /** Somebody chose a status. */
  chosen(): void {
    this.#parts.memory.isAutomatic = false;
    this.#parts.memory.lastInput = this.#parts.now();
  }
}
