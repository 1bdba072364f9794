/** The console's states around notes, canned responses and handing over. */
import { eraseCustomer } from "../../src/chat/erase-customer.ts";
import { AGENTS } from "./stage.ts";
import { TEXTS } from "./texts.ts";
import type { Page } from "playwright-core";
import type { ChatClient } from "../../src/web/client/index.ts";
import type { Show, Stage } from "./stage.ts";

type Scene = { readonly desk: Page; readonly show: Show };

const RESPONSES: readonly (readonly [shortcut: string, text: string])[] = [
  ["hello", "Hello {{customer}}, this is {{agent}}. How can I help you?"],
  [
    "returns",
    "You can send everything back within 30 days. The label is in the parcel.\n\nhttps://shop.example.com/returns",
  ],
  ["opening-hours", "We are here from Monday to Friday, nine to six."],
  ["bye", "Thank you for writing to us. Have a good day!"],
  ["a-shortcut-of-all-32-characters_", TEXTS.long],
];

const noteField = (desk: Page): ReturnType<Page["getByLabel"]> => desk.getByLabel(/^Private note about/);

async function addNote(desk: Page, text: string): Promise<void> {
  await noteField(desk).fill(text);
  await desk.getByRole("button", { name: "Add note" }).click();
}

/** In the chat that is open; `bert` writes to it too. */
export async function playNotes(
  { desk, show }: Scene,
  bert: ChatClient,
  conversation: string,
): Promise<void> {
  await desk.keyboard.press("Alt+p");
  await noteField(desk).waitFor();
  await show("console note mode", desk);
  bert.writeNote(
    conversation,
    "She called yesterday as well. Her order is 4711:\nhttps://shop.example.com/orders/4711",
  );
  await addNote(desk, "Then I will look at it together with her.");
  await desk.locator(".note").nth(1).waitFor();
  await noteField(desk).fill("A note that is not finished");
  await show("console notes", desk);
  await addNote(desk, "A bell\u0007 in a note");
  await desk.getByText(/^Not added/).waitFor();
  await show("console note failed", desk);
  await desk.getByRole("button", { name: "Discard" }).click();
  await desk.keyboard.press("Alt+l");
}

/** Of a chat that a colleague has: one reads along, and notes what one knows. */
export async function playBlocked({ desk, show }: Scene): Promise<void> {
  await desk.getByText("You can read along.").waitFor();
  await show("console colleague's chat", desk);
  await desk.getByRole("radio", { name: "Note" }).check();
  await noteField(desk).fill("I know him from last week.");
  await show("console note in a colleague's chat", desk);
  await noteField(desk).fill("");
}

/** In the chat that is open, which is mine. */
export async function playCannedResponses({ desk, show }: Scene): Promise<void> {
  const field = desk.getByLabel(/^Message to/);
  const dialog = desk.getByRole("dialog");
  await field.fill("/");
  await desk.getByText("There are no canned responses yet.").waitFor();
  await show("console picker without responses", desk);
  await desk.getByRole("button", { name: "Add the first one" }).click();
  await desk.getByRole("heading", { name: "Canned responses" }).waitFor();
  await show("console canned responses, none", desk);
  await dialog.getByRole("button", { name: "Add the first one" }).click();
  await desk.getByLabel("Shortcut").fill("opening hours");
  await desk.getByLabel("Text").fill("We are here from nine to six.");
  await desk.getByRole("button", { name: "Save" }).click();
  await desk.getByText(/^The shortcut needs/).waitFor();
  await show("console canned response with a mistake", desk);
  await desk.getByRole("button", { name: "Cancel" }).click();
  for (const [shortcut, text] of RESPONSES) {
    await dialog.getByRole("button", { name: /^Add/ }).click();
    await desk.getByLabel("Shortcut").fill(shortcut);
    await desk.getByLabel("Text").fill(text);
    await desk.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(`/${shortcut}`, { exact: true }).waitFor();
  }
  await show("console canned responses", desk);
  await desk.getByRole("button", { name: "Delete /bye" }).click();
  await desk.getByText("/bye is deleted.").waitFor();
  await show("console canned response deleted", desk);
  await desk.getByRole("button", { name: "Undo" }).click();
  await dialog.getByText("/bye", { exact: true }).waitFor();
  await desk.getByRole("button", { name: "Done" }).click();
  await field.fill("/");
  await desk.getByRole("option").nth(4).waitFor();
  await field.press("ArrowDown");
  await show("console picker", desk);
  await field.fill("/zebra");
  await desk.getByText("No canned response has “zebra”.").waitFor();
  await show("console picker, nothing fits", desk);
  await field.fill("/hel");
  await field.press("Enter");
  await show("console canned response inserted", desk);
  await field.fill("");
}

/** A colleague who has left cannot take a chat, and what was written for them is not lost. */
export async function playTransfer({ desk, show }: Scene, bert: ChatClient): Promise<void> {
  await desk.getByRole("button", { name: "Hand over…" }).click();
  await desk.getByLabel("Hand over to").selectOption({ label: AGENTS.bert });
  await desk.getByLabel(/Note for your colleague/).fill("She wants two of them, and the tin must be red.");
  await show("console hand over", desk);
  await bert.stop();
  await desk.getByRole("button", { name: "Hand over", exact: true }).click();
  await desk.getByText(`${AGENTS.bert} is not online`).waitFor();
  await show("console hand-over refused", desk);
  await desk.getByRole("button", { name: "Cancel" }).click();
}

/** Of the customer of the chat that is open, who is not on the site any more. */
export async function playBlock({ desk, show }: Scene): Promise<void> {
  await desk.getByRole("button", { name: "Block…" }).click();
  await desk.getByLabel(/Why \(a private note/).fill("Sends the same advertisement every day.");
  await show("console block dialog", desk);
  await desk.getByRole("button", { name: "Block", exact: true }).click();
  await desk.locator(".context-pane .is-blocked").waitFor();
  await show("console blocked visitor", desk, { size: "desktop" });
}

/** The customer of the chat that is open is erased. */
export async function playErased(stage: Stage, { desk, show }: Scene, customer: string): Promise<void> {
  const { store } = stage.server.server;
  await eraseCustomer(store, customer, { now: Date.now(), emptyLog: () => Promise.resolve() });
  await desk.getByText("This customer was erased.").waitFor();
  await desk.getByText("Erased", { exact: true }).first().waitFor();
  await show("console erased customer", desk);
}
