/** Who takes chats at the moment: my own status, and which colleagues a chat can be handed to. */
import { computed, effect } from "@preact/signals";
import { IdleWatch } from "./idle.ts";
import { keep, recall } from "./kept.ts";
import { nameOf } from "./names.ts";
import { client, connection, desk, me } from "./state.ts";
import { attempt } from "./toast.ts";
import type { AgentStatus, OnlineAgent } from "../../chat/wire.ts";
import type { IdleMemory } from "./idle.ts";

const LOOK_MS = 10_000;
const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

export const STATUSES: readonly (readonly [status: AgentStatus, name: string, meaning: string])[] = [
  ["online", "Online", "You are alerted to new chats."],
  ["away", "Away", "No alerts for chats that wait."],
  ["invisible", "Invisible", "No alerts, and nobody hands chats to you."],
];

/** Undefined until the server has told it. */
export const myStatus = computed<AgentStatus | undefined>(() => {
  const id = me.value?.id;
  return id === undefined ? undefined : desk.value?.agents.get(id)?.status;
});

export function nameOfStatus(status: AgentStatus): string {
  return STATUSES.find(([one]) => one === status)?.[1] ?? status;
}

/** Colleagues who can be given a chat: those who are online first. */
export const reachable = computed<readonly OnlineAgent[]>(() =>
  [...(desk.value?.agents.values() ?? [])]
    .filter(({ user, status }) => user.id !== me.value?.id && status !== "invisible")
    .sort(
      (one, other) =>
        Number(one.status !== "online") - Number(other.status !== "online") ||
        nameOf(one.user).localeCompare(nameOf(other.user)),
    ),
);

const idle = new IdleWatch({
  now: Date.now,
  memory: sharedMemory(),
  status: () => (connection.peek().status === "online" ? myStatus.peek() : undefined),
  setStatus: (status) => {
    void client
      .peek()
      ?.setStatus(status)
      .catch(() => undefined);
  },
});

export async function choose(status: AgentStatus): Promise<void> {
  idle.chosen();
  await attempt(() => client.peek()?.setStatus(status));
}

/** Looks for input in this tab; the returned function ends it. */
export function watchInput(): () => void {
  const input = (): void => {
    idle.input();
  };
  for (const name of INPUTS) addEventListener(name, input, { passive: true, capture: true });
  const timer = setInterval(() => {
    idle.look();
  }, LOOK_MS);
  // To open the console is input too: it counts once the status is known.
  let isOpened = false;
  const end = effect(() => {
    if (isOpened || myStatus.value === undefined) return;
    isOpened = true;
    input();
  });
  return () => {
    end();
    clearInterval(timer);
    for (const name of INPUTS) removeEventListener(name, input, { capture: true });
  };
}

function sharedMemory(): IdleMemory {
  const key = (name: string): string => `customer-chat:${name}:${me.peek()?.id ?? ""}`;
  return {
    get lastInput() {
      const at = Number(recall(key("last-input")));
      return at > 0 ? at : undefined;
    },
    set lastInput(at) {
      keep(key("last-input"), at === undefined ? undefined : String(at));
    },
    get isAutomatic() {
      return recall(key("auto-away")) === "yes";
    },
    set isAutomatic(is) {
      keep(key("auto-away"), is ? "yes" : undefined);
    },
  };
}
