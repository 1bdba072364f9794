/** In plain words: what the server sees of this browser, and what stands in the way. */
import { note, problem, well } from "./row.ts";
import type { ConnectionCheck } from "../../chat/wire.ts";
import type { Asked } from "./facts.ts";
import type { Row } from "./row.ts";

const TOLERATED_MS = 60_000;

/** `isOffline` is what the browser believes. */
export function judgeAnswer(asked: Asked, origin: string, isOffline: boolean): Row {
  const name = "Server";
  if (asked.kind === "answered") {
    return well(name, `It answers, in ${Math.max(asked.took, 1)} ms. It sees you at ${asked.check.address}.`);
  }
  if (asked.kind === "silent") {
    const said = `Nothing answers at ${origin}.`;
    if (isOffline)
      return problem(name, said, "This device is offline. Connect it to a network and check again.");
    return problem(
      name,
      said,
      "Switch off ad blockers and VPN for this page, or try another network. If it is the same for others, the server is stopped or its proxy does not reach it.",
    );
  }
  if (asked.status >= 500) {
    return problem(
      name,
      `It cannot serve now (status ${asked.status}).`,
      "Wait a minute and check again. If it stays so, whoever runs it should look at the server and its proxy.",
    );
  }
  return problem(
    name,
    `Something else answers in its place (status ${asked.status}).`,
    "Sign in to this network if it has a page for that. Otherwise a proxy does not pass /api on to the server.",
  );
}

/** Whether a page at `origin` may use the chat. */
export function judgeOrigin(
  { publicUrl, forwardedScheme, scheme, host, origin }: ConnectionCheck,
  here: string,
): Row {
  const name = "Address of this page";
  if (origin?.allowed === true) return well(name, `${here} is this server's own, or allowed.`);
  if (publicUrl !== null) {
    return problem(
      name,
      `${here} is not allowed: the server knows itself as ${publicUrl}.`,
      `Open ${publicUrl}/connection-check instead. If this address is right too, whoever runs the server adds it: ALLOWED_ORIGINS=${here}`,
    );
  }
  const isTlsHidden = here.startsWith("https:") && (forwardedScheme === "https" || scheme === "http");
  const said = isTlsHidden
    ? `${here} is not allowed: the server is asked over http by its proxy and does not know of https.`
    : `${here} is not allowed: the server is asked as ${host ?? "nobody"}.`;
  return problem(name, said, `Whoever runs the server sets PUBLIC_URL=${here}`);
}

/** Whether the site that shows the widget may do so. */
export function judgeSite(asked: Asked, site: string): Row {
  const name = "Site with the chat";
  if (asked.kind !== "answered") return problem(name, `${site} could not be asked about.`, "See above.");
  if (asked.check.origin?.allowed === true) return well(name, `${site} may show the chat.`);
  return problem(
    name,
    `${site} may not show the chat.`,
    `Whoever runs the server adds it: ALLOWED_ORIGINS=${site}. It must be exactly that, with https and without a path.`,
  );
}

export function judgeProxy({ proxy }: ConnectionCheck): Row {
  const name = "Proxy";
  if (proxy === "none") return well(name, "None is seen between you and the server.");
  if (proxy === "trusted") return well(name, "The server knows the one in front of it.");
  return note(
    name,
    "The server does not know the one in front of it, so all visitors share one address and its limits.",
    "Whoever runs the server sets TRUST_PROXY=loopback, or to the proxy's network.",
  );
}

export function judgeClock(ahead: number): Row {
  const name = "Clock";
  const distance = Math.abs(ahead);
  if (distance <= TOLERATED_MS) return well(name, "Yours and the server's agree.");
  return problem(
    name,
    `Yours is ${lengthOf(distance)} ${ahead > 0 ? "ahead of" : "behind"} the server's.`,
    "Let this device set its clock by itself. Times of messages are wrong until then. If the clocks of all devices are wrong, it is the server's.",
  );
}

/** `2 h 5 min`, or days. */
function lengthOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes >= 2880) return `${Math.round(minutes / 1440)} days`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes} min`;
}
