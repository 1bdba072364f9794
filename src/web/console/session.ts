/** Signing in and out: the token stays in this tab. */
import { signal } from "@preact/signals";
import { keep, recall, tabStorage } from "./kept.ts";
import type { PublicPrincipal } from "../../chat/wire.ts";

const TOKEN = "customer-chat:console-token";
const USER = "customer-chat:console-user";

export type SignedIn = { readonly token: string; readonly user: PublicPrincipal };

export const session = signal<SignedIn | undefined>(stored());
/** Why the sign-in is shown again. */
export const notice = signal("");

/** Resolves with undefined when it worked, else with what to tell. */
export async function signIn(login: string, passcode: string): Promise<string | undefined> {
  let response: Response;
  try {
    response = await fetch("/api/sessions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ login, passcode }),
    });
  } catch {
    return "The server cannot be reached. Check your connection and try again.";
  }
  if (response.ok) {
    const signedIn = (await response.json()) as SignedIn;
    keep(TOKEN, signedIn.token, tabStorage);
    keep(USER, JSON.stringify(signedIn.user), tabStorage);
    notice.value = "";
    session.value = signedIn;
    return undefined;
  }
  if (response.status === 429) {
    const seconds = Number(response.headers.get("retry-after"));
    const wait = seconds < 90 ? counted(seconds, "second") : counted(Math.ceil(seconds / 60), "minute");
    return `Too many attempts to sign in. Try again in ${wait}.`;
  }
  if (response.status === 401 || response.status === 400) return "Login or passcode is wrong.";
  return "The server has a problem. Try again in a moment.";
}

export async function signOut(): Promise<void> {
  const token = session.value?.token;
  forget("");
  if (token === undefined) return;
  await fetch("/api/sessions/current", {
    method: "DELETE",
    headers: { authorization: `Bearer ${token}` },
  }).catch(() => undefined);
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** The server ended the session. */
export function forget(why: string): void {
  keep(TOKEN, undefined, tabStorage);
  keep(USER, undefined, tabStorage);
  notice.value = why;
  session.value = undefined;
}

function stored(): SignedIn | undefined {
  const token = recall(TOKEN, tabStorage);
  const user = recall(USER, tabStorage);
  return token === undefined || user === undefined
    ? undefined
    : { token, user: JSON.parse(user) as PublicPrincipal };
}
