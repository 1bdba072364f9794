/** What an agent has not sent yet is kept in this tab, over a reload and for the agent's next sign-in here. */
import { keep, recall, tabStorage } from "./kept.ts";
import type { Unsent, UnsentStore } from "../client/index.ts";

/** `agent`: the id of whom it is for; another agent at this tab has other messages. */
export function createUnsentStore(agent: string): UnsentStore {
  const name = `customer-chat:unsent:${agent}`;
  return {
    save: (unsent) => {
      keep(name, unsent.messages.length === 0 ? undefined : JSON.stringify(unsent), tabStorage);
    },
    take: (adopt) => {
      const left = recall(name, tabStorage);
      if (left !== undefined) adopt(JSON.parse(left) as Unsent);
    },
    forget: () => {
      keep(name, undefined, tabStorage);
    },
  };
}
