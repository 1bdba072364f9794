/** How far something is, in lines that are few enough to read. */
const EVERY_MS = 500;

/** Takes octets copied and octets in all as often as it is told; `report` hears at most two lines a second. */
export function createProgress(
  report: (line: string) => void,
  now: () => number = () => performance.now(),
): (copied: number, total: number) => void {
  let told = now();
  let last = -1;
  return (copied, total) => {
    if (now() - told < EVERY_MS || total === 0) return;
    const percent = Math.min(99, Math.floor((100 * copied) / total));
    if (percent === last) return;
    [told, last] = [now(), percent];
    report(`copied ${percent} %`);
  };
}
