/** One line about what just happened, for eyes and screen readers. */
import { signal } from "@preact/signals";
import { ChatRefusal } from "../client/index.ts";
import { nameOf } from "./names.ts";
import { session } from "./session.ts";

const SHOWN_MS = 6000;

export const toast = signal("");
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  clearTimeout(timer);
  toast.value = text;
  timer = setTimeout(dismiss, SHOWN_MS);
}

export function dismiss(): void {
  clearTimeout(timer);
  toast.value = "";
}

/** True when it worked; else what went wrong is told. */
export async function attempt(work: () => Promise<unknown> | undefined, done = ""): Promise<boolean> {
  try {
    await work();
    if (done !== "") say(done);
    return true;
  } catch (error) {
    say(reasonOf(error));
    return false;
  }
}

/** What to tell of an error. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof ChatRefusal)) return "Something went wrong. Please try again.";
  const { code, assignee, message } = error.body;
  if (code === "CONFLICT" && assignee?.id !== undefined && assignee.id !== session.value?.user.id)
    return `${nameOf(assignee)} was faster and has this chat now.`;
  if (code === "CONNECTION_LOST") return "There is no connection. Please try again when it is back.";
  return message;
}
