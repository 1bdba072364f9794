/** In plain words: whether a transport gets through, and where it is lost when it does not. */
import { note, problem, well } from "./row.ts";
import type { UpgradeSighting } from "../../chat/wire.ts";
import type { Row } from "./row.ts";
import type { Tried } from "./facts.ts";

/** What else is known when one came to nothing. */
export type Circumstances = {
  /** The server refuses this page's address: then it is no wonder. */
  readonly isForeign: boolean;
  /** Of the WebSocket attempt; undefined where the server could not be asked. */
  readonly sighting?: UpgradeSighting | undefined;
};

/** The first choice; SockJS takes over without it, but slower. */
export function judgeWebSocket(tried: Tried, { isForeign, sighting }: Circumstances): Row {
  const name = "WebSocket";
  if (tried.ok) return answered(name, tried);
  if (isForeign) return refusedHere(name);
  const way = "docs/CONFIGURATION.md, “Behind a proxy”, has the lines for it.";
  if (sighting === "dropped") {
    return problem(
      name,
      "It does not get through: a proxy passes it on without its Upgrade header.",
      `Whoever runs the proxy lets it pass Upgrade and Connection on; ${way}`,
    );
  }
  if (sighting === "passed") {
    return problem(
      name,
      tried.why === "silent"
        ? "It opens, but nothing comes back: a proxy or virus scanner holds it."
        : "The server got it, but its answer was lost on the way back.",
      `Try without virus scanner and VPN. Whoever runs the proxy lets it not buffer /chat; ${way}`,
    );
  }
  return problem(
    name,
    "It does not get through: something between you and the server blocks it.",
    `Try another network, and without VPN. If it is the same everywhere, the proxy in front of the server refuses it; ${way}`,
  );
}

/** `title` as people know it. A transport that is not needed is worth a note. */
export function judgeSockJs(title: string, tried: Tried, { isForeign }: Circumstances): Row {
  const name = `SockJS, ${title}`;
  if (tried.ok) return answered(name, tried);
  if (isForeign) return refusedHere(name);
  if (title === "WebSocket" && tried.why !== "not loaded") {
    return note(name, "It does not get through either.", "See “WebSocket”; what helps there helps here.");
  }
  if (tried.why === "not loaded") {
    return note(
      name,
      "Its script could not be loaded.",
      "Allow scripts of this page; an ad blocker may hold them.",
    );
  }
  return tried.why === "silent"
    ? note(
        name,
        "It opens, but nothing comes back in time.",
        "A proxy or virus scanner holds the stream: let it not buffer /chat.",
      )
    : note(name, "It does not get through.", "A proxy, firewall or ad blocker refuses requests below /chat.");
}

function answered(name: string, tried: Extract<Tried, { ok: true }>): Row {
  const refusal = tried.refusal === undefined ? "" : ` The server says: ${tried.refusal}`;
  return well(name, `It works, in ${Math.max(tried.took, 1)} ms.${refusal}`);
}

function refusedHere(name: string): Row {
  return problem(
    name,
    "Refused, for the address of this page is not allowed.",
    "See “Address of this page”.",
  );
}
