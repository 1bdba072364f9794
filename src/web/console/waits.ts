/** How urgent a wait is. */

/** From two minutes on it is `soon`, from five on `late`. */
export function urgencyOf(ms: number): "calm" | "soon" | "late" {
  return ms >= 5 * 60_000 ? "late" : ms >= 2 * 60_000 ? "soon" : "calm";
}
