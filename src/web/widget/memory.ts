/** What the panel remembers of a browser's storage, where it may have any: some browsers refuse it to a frame. */

export function localStorageOf(): Storage {
  return localStorage;
}

export function sessionStorageOf(): Storage {
  return sessionStorage;
}

/** What was remembered; null when there is nothing, or no storage. */
export function recall(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

/** `null` forgets. False when it is not remembered: the storage is full, or there is none. */
export function remember(storage: () => Storage, key: string, value: string | null): boolean {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
    return true;
  } catch {
    return false;
  }
}
