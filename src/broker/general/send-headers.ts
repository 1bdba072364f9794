/** The headers of a SEND to a queue that say how its message is kept. */
import { refusal } from "../errors.ts";
import type { Headers } from "../../stomp/headers.ts";

/** `persistent`: whether the message is stored. Throws Refusal UNSUPPORTED_HEADER. */
export function parsePersistent(headers: Headers): boolean {
  const value = headers.get("persistent") ?? "false";
  if (value !== "true" && value !== "false") {
    throw refusal("UNSUPPORTED_HEADER", { field: "persistent", hint: "true or false" });
  }
  return value === "true";
}

/** `expires`: epoch milliseconds; undefined is never, and so is 0. Throws Refusal UNSUPPORTED_HEADER. */
export function parseExpires(headers: Headers): number | undefined {
  const value = headers.get("expires");
  if (value === undefined || value === "0") return undefined;
  if (!/^[1-9][0-9]{0,14}$/.test(value)) {
    throw refusal("UNSUPPORTED_HEADER", {
      field: "expires",
      hint: "milliseconds since 1970, or 0 for never",
    });
  }
  return Number(value);
}
