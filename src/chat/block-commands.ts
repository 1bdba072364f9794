/** The commands that keep somebody out of the chat, and let them in again. */
import { refuse } from "./errors.ts";
import { requireText, requireUserId } from "./message.ts";
import { guestNetworkOf } from "../broker/network.ts";
import { blockRequest, unblockRequest } from "./requests.ts";
import { doerOf, storedDestination } from "./stored-command.ts";
import { parseStrict } from "./strict-body.ts";
import type { ApplicationDestination } from "../broker/application-destination.ts";
import type { Session } from "../broker/session.ts";
import type { CommandParts, Plan, StoredCommand } from "./stored-command.ts";

/** Each command's destination with its handler. */
export function createBlockCommands(parts: CommandParts): readonly [string, ApplicationDestination][] {
  const plans: readonly [string, Plan][] = [
    ["/chat/block", (session, body) => planBlock(parts, session, body)],
    ["/chat/unblock", (session, body) => planUnblock(parts, session, body)],
  ];
  return plans.map(([destination, plan]) => [destination, storedDestination(plan)]);
}

function planBlock(parts: CommandParts, session: Session, body: string): StoredCommand {
  const { user, reason, address = false } = parseStrict(blockRequest, body);
  requireUserId("user", user);
  if (reason !== undefined) requireText(reason, "reason");
  const { store, clock, presence } = parts;
  const connected = presence.customer(user);
  const input = {
    ...doerOf(session),
    user,
    networks: address ? networksOf(parts, session, user) : [],
    now: clock.now(),
    ...(connected === undefined ? {} : { connected }),
    ...(reason === undefined ? {} : { reason: { id: clock.id(), text: reason } }),
  };
  return {
    step: { name: "block", input },
    perform: async () => {
      await store.execute("block", input);
      return {};
    },
  };
}

/** Of a visitor who is connected now: no address is kept. */
function networksOf({ presence }: CommandParts, { connection }: Session, user: string): readonly string[] {
  const networks = new Set(presence.customer(user) && presence.addressesOf(user).map(guestNetworkOf));
  if (networks.size === 0) {
    throw refuse("CONFLICT", { field: "address", hint: "they are not connected: no address is known" });
  }
  if (networks.has(guestNetworkOf(connection.remoteAddress))) {
    const hint = "it is your own too: behind a proxy, TRUST_PROXY must be set";
    throw refuse("CONFLICT", { field: "address", hint });
  }
  return [...networks];
}

function planUnblock({ store, clock }: CommandParts, session: Session, body: string): StoredCommand {
  const { user } = parseStrict(unblockRequest, body);
  requireUserId("user", user);
  const input = { ...doerOf(session), user, now: clock.now() };
  return {
    step: { name: "unblock", input },
    perform: async () => {
      await store.execute("unblock", input);
      return {};
    },
  };
}
