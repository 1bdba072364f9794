/** What the team keeps: canned responses, and each agent's word on taking chats. */
import { requirePermission } from "../access-policy.ts";
import { publicPrincipal } from "../conversation.ts";
import { refuse } from "../errors.ts";
import { MAX_CANNED_RESPONSES } from "../wire.ts";
import { audit } from "./audit.ts";
import { answer, rowOf } from "./outcome.ts";
import type { Principal } from "../../broker/principal.ts";
import type { Tables } from "../tables.ts";
import type { AgentStatus, CannedResponse } from "../wire.ts";
import type { Deed } from "./audit.ts";
import type { Outcome } from "./outcome.ts";

export type SaveCannedResponseInput = CannedResponse & Deed;

/** Keeps a text under its shortcut, in place of an earlier one. */
export function saveCannedResponse(tables: Tables, input: SaveCannedResponseInput): Outcome<null> {
  const { principal, shortcut, text, now } = input;
  requirePermission(principal, "SEND", "/chat/save-canned-response", {});
  const known = tables.cannedResponses.get(shortcut);
  if (known?.text === text) return answer(null);
  if (known === undefined && tables.cannedResponses.all().length >= MAX_CANNED_RESPONSES) {
    // Not a CONFLICT, which is about a conversation. Under a shortcut that exists it would be stored.
    throw refuse("BAD_VALUE", {
      field: "shortcut",
      hint: `there are ${MAX_CANNED_RESPONSES} canned responses: replace or delete one`,
    });
  }
  tables.cannedResponses.put({ shortcut, text });
  audit(tables, input, { action: "save-canned-response", object: shortcut });
  const by = publicPrincipal(rowOf(tables, principal, now, undefined));
  return { result: null, facts: [{ type: "canned-response.saved", shortcut, text, by }] };
}

export function deleteCannedResponse(
  tables: Tables,
  input: Omit<SaveCannedResponseInput, "text">,
): Outcome<null> {
  const { principal, shortcut, now } = input;
  requirePermission(principal, "SEND", "/chat/delete-canned-response", {});
  if (tables.cannedResponses.get(shortcut) === undefined) throw refuse("NOT_FOUND", { field: "shortcut" });
  tables.cannedResponses.delete(shortcut);
  audit(tables, input, { action: "delete-canned-response", object: shortcut });
  const by = publicPrincipal(rowOf(tables, principal, now, undefined));
  return { result: null, facts: [{ type: "canned-response.deleted", shortcut, by }] };
}

/** All of them, by shortcut. */
export function cannedResponses(
  tables: Tables,
  { principal }: { principal: Principal },
): Outcome<readonly CannedResponse[]> {
  requirePermission(principal, "GET", "/api/canned-responses", {});
  return answer(tables.cannedResponses.all());
}

export type StatusInput = Deed & { readonly status: AgentStatus };

/** Stores an agent's status; the same again is no news. */
export function setStatus(tables: Tables, input: StatusInput): Outcome<null> {
  const { principal, status, now } = input;
  requirePermission(principal, "SEND", "/chat/status", {});
  const row = rowOf(tables, principal, now, undefined);
  if ((row.status ?? "online") === status) return answer(null);
  audit(tables, input, { action: "status", detail: status });
  const { status: _before, ...rest } = row;
  tables.updateUser(status === "online" ? rest : { ...rest, status });
  return { result: null, facts: [{ type: "agent.status", user: publicPrincipal(row), status }] };
}

/** The agents who are not simply `online`. */
export function agentStatuses(
  tables: Tables,
): Outcome<readonly { readonly user: string; readonly status: AgentStatus }[]> {
  const accounts = tables.accounts();
  return answer(accounts.flatMap(({ id, status }) => (status === undefined ? [] : [{ user: id, status }])));
}
