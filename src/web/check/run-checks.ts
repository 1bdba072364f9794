/** All checks of the page, and what they come to together. */
import { randomId } from "../client/random.ts";
import { FALLBACKS } from "../shared/sockjs.ts";
import { askServer, guestHeaders } from "./ask-server.ts";
import { judgeOtherSites, judgeStorage } from "./judge-browser.ts";
import { judgeAnswer, judgeClock, judgeOrigin, judgeProxy, judgeSite } from "./judge-server.ts";
import { judgeSockJs, judgeWebSocket } from "./judge-transport.ts";
import { tryOtherSites } from "./other-sites.ts";
import { trySockJs, tryWebSocket } from "./try-transport.ts";
import { verdictOf } from "./verdict.ts";
import type { UpgradeSighting } from "../../chat/wire.ts";
import type { Row } from "./row.ts";
import type { Result, Works } from "./verdict.ts";

/** By the names of SockJS's client. */
const SOCKJS: readonly (readonly [transport: string, title: string])[] = [
  ["websocket", "WebSocket"],
  ["xhr-streaming", "streaming"],
  ["xhr-polling", "polling"],
  ["eventsource", "EventSource"],
];

/** `found` hears the rows so far. `site` is the origin that shows the widget. */
export async function runChecks(
  site: string | undefined,
  found: (rows: readonly Row[]) => void,
): Promise<Result> {
  const rows: Row[] = [];
  const add = (...more: readonly Row[]): void => {
    rows.push(...more);
    found([...rows]);
  };
  const { origin } = location;
  const answer = await askServer({ origin });
  const isForeign = answer.kind === "answered" && answer.check.origin?.allowed === false;
  add(judgeAnswer(answer, origin, !navigator.onLine));
  if (answer.kind === "answered") add(judgeOrigin(answer.check, origin), judgeProxy(answer.check));
  if (site !== undefined) add(judgeSite(await askServer({ origin: site }), site));
  const elsewhere = tryOtherSites();
  const { rows: transports, works } = await tryTransports(isForeign);
  const storage = judgeStorage(location.host);
  add(...(works.webSocket || works.sockJs ? transports : transports.map(asProblem)), storage);
  const isKept = await elsewhere;
  // Where nothing is kept at all, nobody need be told so twice.
  if (isKept !== undefined && storage.outcome === "well") add(judgeOtherSites(isKept, location.host));
  if (answer.kind === "answered") add(judgeClock(answer.ahead));
  return { rows, verdict: verdictOf(rows, works), answer };
}

/** Where nothing gets through, each of them is one too many. */
function asProblem(row: Row): Row {
  return row.outcome === "note" ? { ...row, outcome: "problem" } : row;
}

type Transports = { readonly rows: readonly Row[]; readonly works: Works };

async function tryTransports(isForeign: boolean): Promise<Transports> {
  const headers = await guestHeaders();
  const attempt = `check-${randomId()}`;
  const [webSocket, ...sockJs] = await Promise.all([
    tryWebSocket(`/chat?check=${attempt}`, headers),
    ...SOCKJS.map(([transport]) => trySockJs(transport, headers)),
  ]);
  const sighting = webSocket.ok ? undefined : await sightingOf(attempt);
  const rows = sockJs.map((tried, index) => judgeSockJs(SOCKJS[index]?.[1] ?? "", tried, { isForeign }));
  const works = {
    webSocket: webSocket.ok,
    sockJs: sockJs.some(({ ok }, index) => ok && FALLBACKS.includes(SOCKJS[index]?.[0] ?? "")),
  };
  return { rows: [judgeWebSocket(webSocket, { isForeign, sighting }), ...rows], works };
}

async function sightingOf(attempt: string): Promise<UpgradeSighting | undefined> {
  const asked = await askServer({ upgrade: attempt });
  return asked.kind === "answered" ? (asked.check.upgrade ?? undefined) : undefined;
}
