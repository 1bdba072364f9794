/** In plain words: what this browser keeps for the page. */
import { problem, well } from "./row.ts";
import type { Row } from "./row.ts";

const KEY = "customer-chat:check";

/** Tries it. Cookies are never used, so nothing is said of them. */
export function judgeStorage(host: string): Row {
  const name = "Storage";
  const blocked = (["localStorage", "sessionStorage"] as const).filter((kind) => !keeps(kind));
  if (blocked.length === 0)
    return well(name, "This browser keeps what the chat needs. Cookies are not used.");
  return problem(
    name,
    `This browser keeps nothing (${blocked.join(", ")} blocked). You can chat, but a reload forgets who you are, and agents sign in each time.`,
    `Allow ${host} to save data in the browser's settings for cookies and site data, or leave private browsing.`,
  );
}

function keeps(kind: "localStorage" | "sessionStorage"): boolean {
  try {
    const storage = globalThis[kind];
    storage.setItem(KEY, KEY);
    const isKept = storage.getItem(KEY) === KEY;
    storage.removeItem(KEY);
    return isKept;
  } catch {
    return false;
  }
}
