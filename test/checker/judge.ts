/** What was promised against what was stored and shown. */
import { partiesOf, userOf } from "./records.ts";
import type { LoadRecord, Outage, StoredMessage } from "./records.ts";

export type Findings = {
  /** Acknowledged, and not stored; or stored, and not shown on a device of either side. */
  readonly lost_acked: number;
  /** One client id under two ids: in the store, or in RECEIPTs. */
  readonly dup_stored: number;
  /** One message shown twice on a device, which drops ids that it knows as every shipped client does. */
  readonly dup_shown: number;
  /** A message that came to a device after a later one of its conversation. */
  readonly order_violations: number;
  /** A seq that is missing between others, on a device or in the store. */
  readonly gaps: number;
  /** Shown to somebody who has no part in it. */
  readonly leaked: number;
  /**
   * A SEND that got no RECEIPT and no refusal within 10 s, or before the end; or that was on its way when SIGTERM came
   * and whose connection went without an answer.
   */
  readonly unanswered: number;
};

export const CLEAN: Findings = {
  lost_acked: 0,
  dup_stored: 0,
  dup_shown: 0,
  order_violations: 0,
  gaps: 0,
  leaked: 0,
  unanswered: 0,
};

const ANSWER_MS = 10_000;

export type Evidence = {
  /** In the order in which each process wrote them. */
  readonly logs: readonly (readonly LoadRecord[])[];
  readonly stored: readonly StoredMessage[];
  readonly outages: readonly Outage[];
  /** Every device that there was. */
  readonly devices: readonly string[];
};

/** Order of the logs among each other does not matter; each device is in one log alone. */
export function judge({ logs, stored, outages, devices }: Evidence): Findings {
  const log = logs.flat();
  const screens = new Map(devices.map((device) => [device, new Screen(userOf(device))]));
  for (const record of log) screens.get(record.device)?.take(record);
  const all = [...screens.values()];
  // Of two with one text the first is the message.
  const inStore = new Map(stored.toReversed().map((message) => [message.text, message]));
  const acked = log.filter((record) => record.type === "acked");
  const twiceInStore = stored.length - inStore.size;
  const otherId = acked.filter(({ clientId, id }) => (inStore.get(clientId)?.id ?? id) !== id).length;
  return {
    lost_acked: lost(new Set(acked.map(({ clientId }) => clientId)), inStore, all),
    dup_stored: twiceInStore + otherId,
    dup_shown: sum(all.map(({ shownTwice }) => shownTwice)),
    order_violations: sum(all.map(({ disordered }) => disordered)),
    gaps: holesOf(stored) + sum(all.map(({ shown }) => holesOf(shown))),
    leaked: sum(all.map(({ leaked }) => leaked)),
    unanswered: sum(logs.map((one) => unansweredIn(one, outages))),
  };
}

type Shown = { readonly conversation: string; readonly seq: number };

/** What one device has on its screen. */
class Screen {
  readonly user: string;
  readonly texts = new Set<string>();
  readonly shown: Shown[] = [];
  readonly #highest = new Map<string, number>();
  shownTwice = 0;
  disordered = 0;
  leaked = 0;

  constructor(user: string) {
    this.user = user;
  }

  take(record: LoadRecord): void {
    // What was sent from here stands here with its RECEIPT, at the place that this names.
    if (record.type === "acked") this.#place(record.clientId, record);
    if (record.type !== "shown") return;
    const { text, conversation, seq } = record;
    const { from, to } = partiesOf(text);
    if (from !== this.user && to !== this.user) this.leaked += 1;
    if (this.texts.has(text)) this.shownTwice += 1;
    const highest = this.#highest.get(conversation) ?? 0;
    if (seq < highest) this.disordered += 1;
    this.#highest.set(conversation, Math.max(seq, highest));
    this.#place(text, record);
  }

  #place(text: string, { conversation, seq }: Shown): void {
    this.texts.add(text);
    this.shown.push({ conversation, seq });
  }
}

function lost(
  acked: ReadonlySet<string>,
  inStore: ReadonlyMap<string, StoredMessage>,
  screens: readonly Screen[],
): number {
  let count = 0;
  for (const clientId of acked) {
    const { from, to } = partiesOf(clientId);
    const theirs = screens.filter(({ user }) => user === from || user === to);
    if (!inStore.has(clientId)) count += 1;
    else count += theirs.filter(({ texts }) => !texts.has(clientId)).length;
  }
  return count;
}

/** Seqs that are missing between the first and the last of each conversation. */
function holesOf(messages: readonly Shown[]): number {
  const seqs = new Map<string, Set<number>>();
  for (const { conversation, seq } of messages) {
    const known = seqs.get(conversation) ?? new Set();
    seqs.set(conversation, known.add(seq));
  }
  return sum([...seqs.values()].map((of) => Math.max(...of) - Math.min(...of) + 1 - of.size));
}

function unansweredIn(log: readonly LoadRecord[], outages: readonly Outage[]): number {
  /** Device and client id, and when it was sent. */
  const open = new Map<string, number>();
  const unsettled = new Set<string>();
  /** Devices whose sessions end because they become somebody else. */
  const changing = new Set<string>();
  let count = 0;
  for (const record of log) {
    if (record.type === "sent") {
      open.set(`${record.device} ${record.clientId}`, record.at);
      unsettled.add(record.clientId);
    } else if (record.type === "acked" || record.type === "refused") {
      const key = `${record.device} ${record.clientId}`;
      if (record.at - (open.get(key) ?? record.at) > ANSWER_MS) count += 1;
      open.delete(key);
      if (record.type === "acked") unsettled.delete(record.clientId);
    } else if (record.type === "identifying") {
      changing.add(record.device);
    } else if (record.type === "identified") {
      changing.delete(record.device);
    } else if (record.type === "closed") {
      const { signal, at } = outages.findLast((outage) => outage.at <= record.at) ?? {};
      for (const [key, sentAt] of open) {
        if (!key.startsWith(`${record.device} `)) continue;
        open.delete(key);
        const isPromised = signal === "SIGTERM" && !changing.has(record.device);
        if (isPromised && at !== undefined && sentAt < at) count += 1;
      }
    }
  }
  return count + unsettled.size;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
