/** A message on its way, or the reason why it is not. */
import { Text } from "./text.tsx";
import type { JSX } from "preact";
import type { OutgoingMessage } from "../client/types.ts";

export type OutgoingProps = {
  readonly message: OutgoingMessage;
  readonly retry: (clientId: string) => void;
  readonly discard: (clientId: string) => void;
  readonly edit: (message: OutgoingMessage) => void;
};

const HOPELESS = /^(?:MESSAGE_TOO_LONG|BAD_CHARACTER|EMPTY_MESSAGE|FORBIDDEN_\w+)$/;

/** Whether the same text would be refused again, however often it is sent. */
export function isHopeless({ refusal }: Pick<OutgoingMessage, "refusal">): boolean {
  return HOPELESS.test(refusal?.code ?? "");
}

export function Outgoing({ message, retry, discard, edit }: OutgoingProps): JSX.Element {
  const { clientId, text, status, refusal } = message;
  if (status === "sending") {
    return (
      <li class="message own sending">
        <p class="text" dir="auto">
          <Text text={text} />
        </p>
        <span class="meta">Sending…</span>
      </li>
    );
  }
  const mustChange = isHopeless(message);
  return (
    <li class="message own failed">
      <p class="text" dir="auto">
        <Text text={text} />
      </p>
      <span class="meta" role="alert">
        Not sent: {refusal?.message ?? "it was refused."}{" "}
        <span class="choices">
          <button type="button" class="link" onClick={() => (mustChange ? edit(message) : retry(clientId))}>
            {mustChange ? "Edit" : "Try again"}
          </button>
          <button type="button" class="link" onClick={() => discard(clientId)}>
            Discard
          </button>
        </span>
      </span>
    </li>
  );
}
