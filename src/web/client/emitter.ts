/** A typed list of listeners; they are called in the order in which they came. */

export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(fact: never) => void>>();

  /** Returns what takes the listener off again. */
  on<Name extends keyof Events>(name: Name, listener: (fact: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<Name extends keyof Events>(name: Name, fact: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      (listener as (fact: Events[Name]) => void)(fact);
    }
  }
}
