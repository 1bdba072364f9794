/** What the server says of this browser's requests, and how far the clocks are apart. */
import type { ConnectionCheck } from "../../chat/wire.ts";
import type { Asked } from "./facts.ts";

const PATIENCE_MS = 8000;

/** `GET /api/connection-check`; never rejects. */
export async function askServer(query: Readonly<Record<string, string>>): Promise<Asked> {
  const began = Date.now();
  try {
    const response = await fetch(`/api/connection-check?${new URLSearchParams(query).toString()}`, {
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const check = (await response.json().catch(() => undefined)) as ConnectionCheck | undefined;
    const ended = Date.now();
    if (!response.ok || typeof check?.server !== "string")
      return { kind: "strange", status: response.status };
    const ahead = (began + ended) / 2 - Date.parse(check.time);
    return { kind: "answered", check, took: ended - began, ahead };
  } catch {
    return { kind: "silent" };
  }
}

/** Credentials of one guest for all attempts, so that agents see one visitor; none where there are no guests. */
export async function guestHeaders(): Promise<Record<string, string>> {
  try {
    const response = await fetch("/api/guests", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) return {};
    const { token } = (await response.json()) as { token: string };
    return { Authorization: `Bearer ${token}` };
  } catch {
    return {};
  }
}
