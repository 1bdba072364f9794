/** Credentials in a URL: they would be in logs, histories and the Referer, so a request with one is refused. */
import type { IncomingMessage } from "node:http";

const SECRET_PARAMETERS = ["token", "access_token", "passcode", "password", "jwt", "authorization"];

/** Whether the query of the request's URL has a parameter by the name of a credential. */
export function hasSecretInUrl({ url = "" }: Pick<IncomingMessage, "url">): boolean {
  const query = url.indexOf("?");
  if (query < 0) return false;
  const parameters = new URLSearchParams(url.slice(query));
  return SECRET_PARAMETERS.some((name) => parameters.has(name));
}
