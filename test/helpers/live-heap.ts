/** The heap of this process without what is garbage. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** MiB after a full collection. */
export function liveHeapMiB(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
