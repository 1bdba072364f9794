/** The lock of a data directory, for what can be done only while no server runs on it. */
import { lockDataDir } from "./adapters/stores/data-lock.ts";

/** The returned function releases it. Throws an Error for the operator, which says how to come to do `what`. */
export function lockStopped(dataDir: string, what: string): () => void {
  try {
    return lockDataDir(dataDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice = reason.includes("already in use")
      ? `: stop it first (${reason.replace(/.* pid/, "kill")}, or however it is kept running), ${what}, and start it again`
      : "";
    throw new Error(`${reason}${advice}`, { cause: error });
  }
}
