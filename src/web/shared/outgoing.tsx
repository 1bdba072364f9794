/** A message on its way, or the reason why it is not. */
import { Text } from "./text.tsx";
import type { JSX } from "preact";
import type { OutgoingMessage } from "../client/types.ts";

/** What may be done with a line that was refused. */
type Choices = {
  readonly retry: (clientId: string) => void;
  readonly discard: (clientId: string) => void;
};

export type OutgoingProps = Choices & {
  readonly message: OutgoingMessage;
  readonly edit: (message: OutgoingMessage) => void;
};

type FailedChoicesProps = Choices & {
  readonly line: Pick<OutgoingMessage, "clientId" | "refusal">;
  readonly edit: () => void;
};

const HOPELESS = /^(?:MESSAGE_TOO_LONG|BAD_CHARACTER|EMPTY_MESSAGE|(?:FORBIDDEN|SENDER)_\w+)$/;

/** Whether the same text would be refused again, however often it is sent. */
function isHopeless({ refusal }: Pick<OutgoingMessage, "refusal">): boolean {
  return HOPELESS.test(refusal?.code ?? "");
}

/** What failed is sent again, or changed where the same would be refused again, or dropped. */
export function FailedChoices({ line, retry, discard, edit }: FailedChoicesProps): JSX.Element {
  const { clientId } = line;
  const mustChange = isHopeless(line);
  return (
    <span class="choices">
      <button type="button" class="link" onClick={() => (mustChange ? edit() : retry(clientId))}>
        {mustChange ? "Edit" : "Try again"}
      </button>
      <button type="button" class="link" onClick={() => discard(clientId)}>
        Discard
      </button>
    </span>
  );
}

export function Outgoing({ message, retry, discard, edit }: OutgoingProps): JSX.Element {
  const { text, status, refusal } = message;
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
  return (
    <li class="message own failed">
      <p class="text" dir="auto">
        <Text text={text} />
      </p>
      <span class="meta" role="alert">
        Not sent: {refusal?.message ?? "it was refused."}{" "}
        <FailedChoices line={message} retry={retry} discard={discard} edit={() => edit(message)} />
      </span>
    </li>
  );
}
