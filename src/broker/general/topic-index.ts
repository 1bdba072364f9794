/** Which subscribers a destination has: exact ones at the cost of one look-up, patterns by a walk along its segments. */

/** Exactly one segment. */
const ONE = "*";
/** One segment or more; only as the last. */
const REST = "**";

type Node<Subscriber> = {
  readonly children: Map<string, Node<Subscriber>>;
  /** Of patterns that end here. */
  readonly here: Set<Subscriber>;
  /** Of patterns that go on with `**` here. */
  readonly rest: Set<Subscriber>;
};

export function isPattern(destination: string): boolean {
  return destination.includes("*");
}

/** Whether every `*` stands for a whole segment, and `**` is the last. */
export function isWellFormedPattern(destination: string): boolean {
  const segments = destination.split("/");
  return segments.every((segment, index) => {
    if (!segment.includes("*") || segment === ONE) return true;
    return segment === REST && index === segments.length - 1;
  });
}

/** Whether a pattern, or an exact destination, covers this destination. */
export function covers(pattern: string, destination: string): boolean {
  const wanted = pattern.split("/");
  const segments = destination.split("/");
  const isOpen = wanted.at(-1) === REST;
  if (isOpen ? segments.length < wanted.length : segments.length !== wanted.length) return false;
  return wanted.every((segment, index) => segment === REST || segment === ONE || segment === segments[index]);
}

export class TopicIndex<Subscriber> {
  readonly #exact = new Map<string, Set<Subscriber>>();
  readonly #root: Node<Subscriber> = createNode();
  #patterns = 0;

  add(destination: string, subscriber: Subscriber): void {
    if (!isPattern(destination)) {
      const known = this.#exact.get(destination);
      if (known === undefined) this.#exact.set(destination, new Set([subscriber]));
      else known.add(subscriber);
      return;
    }
    this.#patterns += 1;
    let node = this.#root;
    for (const segment of destination.split("/")) {
      if (segment === REST) {
        node.rest.add(subscriber);
        return;
      }
      node = childOf(node, segment);
    }
    node.here.add(subscriber);
  }

  /** Removes what was added under this destination; leaves nothing behind. */
  remove(destination: string, subscriber: Subscriber): void {
    if (!isPattern(destination)) {
      const known = this.#exact.get(destination);
      known?.delete(subscriber);
      if (known?.size === 0) this.#exact.delete(destination);
      return;
    }
    this.#patterns -= 1;
    prune(this.#root, destination.split("/"), 0, subscriber);
  }

  /** Every subscriber of the destination, exact ones first; one that subscribed in several ways comes each time. */
  *matching(destination: string): Generator<Subscriber, undefined, undefined> {
    yield* this.#exact.get(destination) ?? [];
    if (this.#patterns > 0) yield* walk(this.#root, destination.split("/"), 0);
  }

  /** Destinations and patterns that are subscribed to. */
  get size(): number {
    return this.#exact.size + this.#patterns;
  }
}

function createNode<Subscriber>(): Node<Subscriber> {
  return { children: new Map(), here: new Set(), rest: new Set() };
}

function childOf<Subscriber>(node: Node<Subscriber>, segment: string): Node<Subscriber> {
  let child = node.children.get(segment);
  if (child === undefined) {
    child = createNode();
    node.children.set(segment, child);
  }
  return child;
}

function* walk<Subscriber>(
  node: Node<Subscriber>,
  segments: readonly string[],
  depth: number,
): Generator<Subscriber, undefined, undefined> {
  const segment = segments[depth];
  if (segment === undefined) {
    yield* node.here;
    return;
  }
  yield* node.rest;
  for (const name of [segment, ONE]) {
    const child = node.children.get(name);
    if (child !== undefined) yield* walk(child, segments, depth + 1);
  }
}

function prune<Subscriber>(
  node: Node<Subscriber>,
  segments: readonly string[],
  depth: number,
  subscriber: Subscriber,
): void {
  const segment = segments[depth];
  if (segment === undefined) node.here.delete(subscriber);
  else if (segment === REST) node.rest.delete(subscriber);
  else {
    const child = node.children.get(segment);
    if (child === undefined) return;
    prune(child, segments, depth + 1, subscriber);
    if (child.children.size + child.here.size + child.rest.size === 0) node.children.delete(segment);
  }
}
