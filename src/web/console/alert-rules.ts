/** What an agent wants to hear and see of new chats and messages; kept in this browser, for each agent. */
import { keep, recall } from "./kept.ts";

export type Volume = "quiet" | "normal" | "loud";

export type AlertRules = {
  readonly volume: Volume;
  /** A chat waits and nobody has claimed it. */
  readonly waiting: { readonly sound: boolean; readonly notification: boolean; readonly repeat: boolean };
  /** A message came in a chat of mine. */
  readonly mine: { readonly sound: boolean; readonly notification: boolean };
};

export const FULL: AlertRules = {
  volume: "normal",
  waiting: { sound: true, notification: true, repeat: true },
  mine: { sound: true, notification: true },
};
export const SILENT: AlertRules = {
  volume: "normal",
  waiting: { sound: false, notification: false, repeat: false },
  mine: { sound: false, notification: false },
};

const VOLUMES: readonly Volume[] = ["quiet", "normal", "loud"];

/** Undefined when this agent never decided in this browser. */
export function loadRules(agent: string): AlertRules | undefined {
  const kept = recall(keyOf(agent));
  if (kept === undefined) return undefined;
  try {
    return rulesOf(JSON.parse(kept) as Partial<AlertRules> | null);
  } catch {
    return undefined;
  }
}

export function saveRules(agent: string, rules: AlertRules): void {
  keep(keyOf(agent), JSON.stringify(rules));
}

function keyOf(agent: string): string {
  return `customer-chat:alerts:${agent}`;
}

/** What another version of the console kept may lack parts. */
function rulesOf(kept: Partial<AlertRules> | null): AlertRules {
  const { volume = "normal", waiting, mine } = kept ?? {};
  return {
    volume: VOLUMES.includes(volume) ? volume : "normal",
    waiting: {
      sound: waiting?.sound === true,
      notification: waiting?.notification === true,
      repeat: waiting?.repeat === true,
    },
    mine: { sound: mine?.sound === true, notification: mine?.notification === true },
  };
}
