/** A member that is none of ours is a slip: left out in silence, what it was to say would be lost. */
export function requireNone(others: object): void {
  const names = Object.keys(others);
  if (names.length > 0) throw new TypeError(`there is no ${names.join(", no ")}`);
}
