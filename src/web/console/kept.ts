/** What this browser keeps for an agent; what it refuses to keep lasts as long as the page. */

const memory = new Map<string, string>();
const browser = (): Storage => localStorage;

/** What only this tab keeps: to be passed as `storage`. */
export function tabStorage(): Storage {
  return sessionStorage;
}

export function recall(key: string, storage = browser): string | undefined {
  try {
    return memory.get(key) ?? storage().getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** `undefined` forgets. */
export function keep(key: string, value: string | undefined, storage = browser): void {
  memory.delete(key);
  try {
    if (value === undefined) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    if (value !== undefined) memory.set(key, value);
  }
}
