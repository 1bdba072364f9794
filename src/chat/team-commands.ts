/** The commands among the team: private notes, canned responses, an agent's status. */
import { namingClientId, requireClientId, requireText } from "./message.ts";
import {
  deleteCannedResponseRequest,
  noteRequest,
  saveCannedResponseRequest,
  statusRequest,
} from "./requests.ts";
import { doerOf, namingRepeat, storedDestination } from "./stored-command.ts";
import { parseStrict } from "./strict-body.ts";
import type { ApplicationDestination } from "../broker/application-destination.ts";
import type { Session } from "../broker/session.ts";
import type { CommandParts, Plan, StoredCommand } from "./stored-command.ts";

/** Each command's destination with its handler. */
export function createTeamCommands(parts: CommandParts): readonly [string, ApplicationDestination][] {
  const plans: readonly [string, Plan][] = [
    ["/chat/note", (session, body) => planNote(parts, session, body)],
    ["/chat/status", (session, body) => planStatus(parts, session, body)],
    ["/chat/save-canned-response", (session, body) => planSave(parts, session, body)],
    ["/chat/delete-canned-response", (session, body) => planDelete(parts, session, body)],
  ];
  return plans.map(([destination, plan]) => [destination, storedDestination(plan)]);
}

function planNote({ store, clock }: CommandParts, session: Session, body: string): StoredCommand {
  const { conversation, note, clientId } = parseStrict(noteRequest, body);
  if (clientId !== undefined) requireClientId(clientId);
  try {
    requireText(note, "note");
  } catch (error) {
    throw clientId === undefined ? error : namingClientId(error, clientId);
  }
  const input = {
    ...doerOf(session),
    conversation,
    text: note,
    noteId: clock.id(),
    now: clock.now(),
    ...(clientId === undefined ? {} : { clientId }),
  };
  return {
    step: { name: "writeNote", input },
    perform: () =>
      namingRepeat(clientId, async () => {
        const written = await store.execute("writeNote", input);
        return {
          receiptHeaders: [
            ["note-id", written.id],
            ["conversation", written.conversation],
            ["number", String(written.number)],
          ],
        };
      }),
  };
}

function planStatus({ store, clock }: CommandParts, session: Session, body: string): StoredCommand {
  const { status } = parseStrict(statusRequest, body);
  const input = { ...doerOf(session), status, now: clock.now() };
  return {
    step: { name: "setStatus", input },
    perform: async () => {
      await store.execute("setStatus", input);
      return {};
    },
  };
}

function planSave({ store, clock }: CommandParts, session: Session, body: string): StoredCommand {
  const { shortcut, text } = parseStrict(saveCannedResponseRequest, body);
  requireText(text, "text");
  const input = { ...doerOf(session), shortcut, text, now: clock.now() };
  return {
    step: { name: "saveCannedResponse", input },
    perform: async () => {
      await store.execute("saveCannedResponse", input);
      return {};
    },
  };
}

function planDelete({ store, clock }: CommandParts, session: Session, body: string): StoredCommand {
  const { shortcut } = parseStrict(deleteCannedResponseRequest, body);
  const input = { ...doerOf(session), shortcut, now: clock.now() };
  return {
    step: { name: "deleteCannedResponse", input },
    perform: async () => {
      await store.execute("deleteCannedResponse", input);
      return {};
    },
  };
}
