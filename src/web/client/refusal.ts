/** What the library rejects with. */
import type { RefusalBody } from "./types.ts";

/** The connection ended before the answer: what was asked may or may not have happened. */
export const CONNECTION_LOST = "CONNECTION_LOST";

/** These may succeed when repeated as they are. */
const PASSING = new Set([CONNECTION_LOST, "RATE_LIMITED", "RETRY_LATER", "STORAGE_FULL", "LOGIN_THROTTLED"]);

export class ChatRefusal extends Error {
  override readonly name = "ChatRefusal";
  readonly body: RefusalBody;

  constructor(body: RefusalBody) {
    super(`${body.code}: ${body.message}`);
    this.body = body;
  }

  get code(): string {
    return this.body.code;
  }

  /** Whether to ask again is worth it. */
  get isPassing(): boolean {
    return PASSING.has(this.body.code);
  }
}

export function connectionLost(message = "The connection was lost before the answer."): ChatRefusal {
  return new ChatRefusal({ code: CONNECTION_LOST, message });
}

/** A refusal's MESSAGE, ERROR or HTTP answer as the library has it. */
export function refusalOf(text: string, headers: Readonly<Record<string, string | undefined>>): ChatRefusal {
  const body = parsed(text);
  const code = headers["code"] ?? stringOf(body["code"]) ?? "INTERNAL";
  const after = Number(headers["retry-after-ms"]);
  return new ChatRefusal({
    code,
    message: stringOf(body["message"]) ?? headers["message"] ?? code,
    ...(typeof body["hint"] === "string" ? { hint: body["hint"] } : {}),
    ...(typeof body["field"] === "string" ? { field: body["field"] } : {}),
    ...(after > 0 ? { retryAfterMs: after } : {}),
    ...("assignee" in body ? { assignee: body["assignee"] as RefusalBody["assignee"] & {} } : {}),
    ...(typeof body["state"] === "string" ? { state: body["state"] } : {}),
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
