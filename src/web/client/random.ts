/** Random ids and waits, from the platform's own source. */

/** 128 bits, `[A-Za-z0-9_-]{22}`. */
export function randomId(): string {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...octets))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Between half of `ms` and all of it: clients of a server that restarts do not come at once. */
export function jittered(ms: number): number {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return Math.round(ms / 2 + (ms / 2) * (value / 2 ** 32));
}
