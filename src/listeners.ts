/** Listeners to facts, by name: one that fails is told to the log and harms nobody. */

type Listener<Fact> = (fact: Fact) => unknown;

export class Listeners<Facts extends object> {
  readonly #byName: { readonly [Name in keyof Facts]: Set<Listener<Facts[Name]>> };
  readonly #failed: (name: string, error: unknown) => void;

  constructor(names: readonly (keyof Facts & string)[], failed: (name: string, error: unknown) => void) {
    this.#byName = Object.fromEntries(names.map((name) => [name, new Set()])) as never;
    this.#failed = failed;
  }

  /** Returns the function that ends it. Throws a TypeError for a name that does not exist, and for no function. */
  on<Name extends keyof Facts & string>(name: Name, listener: Listener<Facts[Name]>): () => void {
    if (!Object.hasOwn(this.#byName, name)) {
      throw new TypeError(`there is no event ${name}; there are ${Object.keys(this.#byName).join(", ")}`);
    }
    if (typeof listener !== "function") throw new TypeError("a listener is a function");
    // Of its own, so that the same function may listen twice.
    const own: Listener<Facts[Name]> = (fact) => listener(fact);
    this.#byName[name].add(own);
    return () => {
      this.#byName[name].delete(own);
    };
  }

  emit<Name extends keyof Facts & string>(name: Name, fact: Facts[Name]): void {
    for (const listener of [...this.#byName[name]]) {
      try {
        const result = listener(fact);
        if (result instanceof Promise)
          result.catch((error: unknown) => {
            this.#failed(name, error);
          });
      } catch (error) {
        this.#failed(name, error);
      }
    }
  }
}
