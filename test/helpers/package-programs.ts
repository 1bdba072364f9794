/** Programs of somebody else's, in TypeScript, over the package as it is published. */

/** What the guide for developers shows, as a guest and as an agent. */
export const CLIENT_PROGRAM = `
import { createChatClient, type ChatClient, type TranscriptMessage, type WaitingConversation } from "customer-chat/client";

const [url = "", login = "", passcode = ""] = process.argv.slice(2);

function heard(client: ChatClient): Promise<TranscriptMessage> {
  return new Promise((resolve) => client.on("message", ({ message }) => resolve(message)));
}

const guest = createChatClient({ url });
const agent = createChatClient({ url, credentials: { login, passcode }, desk: true });
const waiting = new Promise<WaitingConversation>((resolve) => {
  agent.on("desk", () => {
    for (const row of agent.desk.waiting.values()) resolve(row);
  });
});
const answer = heard(guest);
guest.start();
agent.start();
guest.send({ userTo: "support", text: "Is it open?" });
const { conversation } = await waiting;
await agent.claim(conversation.id);
agent.send({ userTo: conversation.customer.id, text: "It is.", conversation: conversation.id });
console.log((await answer).message);
await Promise.all([guest.stop(), agent.stop()]);
process.exit(0);
`;

/** Embeds a server and speaks to it with the codec; every line of types is a promise to those who build on them. */
export const EMBEDDING_PROGRAM = `
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createChatServer, OptionsError, Refusal } from "customer-chat";
import type {
  AuthenticateHook, CanHook, ChatEvents, ChatLog, ChatServer, ChatServerOptions, ChatStore, HostUser, Kicked, KickReason,
  MessageReceipt,
} from "customer-chat";
import { FrameParser, serializeFrame, VERSIONS } from "customer-chat/codec";
import type { Frame, FrameLimits, HeaderList, Version } from "customer-chat/codec";
import { createMemoryStore, createSqliteStore } from "customer-chat/stores";
import type { ChatStore as StorePort, DurableStore } from "customer-chat/stores";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_Statement extends true>(): void {}

holds<Same<ChatStore, StorePort>>();
holds<Same<Parameters<typeof createChatServer>[0], ChatServerOptions | undefined>>();
holds<Same<ReturnType<typeof createChatServer>, Promise<ChatServer>>>();
holds<Same<ReturnType<ChatServer["send"]>, Promise<MessageReceipt>>>();
holds<Same<MessageReceipt["seq"], number>>();
holds<Same<ReturnType<ChatServer["on"]>, () => void>>();
holds<Same<ReturnType<ChatServer["publish"]>, Promise<void>>>();
holds<Same<ReturnType<ChatServer["disconnect"]>, Promise<number>>>();
holds<Same<Parameters<ChatServer["disconnect"]>[0], Kicked>>();
holds<Same<Parameters<ChatServer["disconnect"]>[1], KickReason | undefined>>();
holds<Same<ChatEvents["message"]["message"]["message"], string>>();
holds<Same<ChatEvents["conversation"]["conversation"]["state"], "waiting" | "active" | "closed">>();
holds<Same<ChatEvents["refused"]["user"] extends object | undefined ? true : false, true>>();
holds<Same<Extract<HostUser, { kind: "agent" }>["role"], "agent" | "supervisor" | "admin" | undefined>>();
holds<Same<Version, "1.0" | "1.1" | "1.2">>();
holds<DurableStore extends ChatStore ? true : false>();
holds<Same<keyof ChatEvents, "connected" | "disconnected" | "message" | "conversation" | "delivered" | "read" | "identified" | "refused">>();

const authenticate: AuthenticateHook = ({ token }, next) =>
  token === "of-the-desk" ? { kind: "agent", login: "anna", role: "supervisor" } : next();
const can: CanHook = ({ allowed, receiver, principal }) => allowed && receiver.user !== principal.id;
const logger: ChatLog = console;
const limits: NonNullable<ChatServerOptions["limits"]> = { maxHeaders: 64 };

async function neverRun(chat: ChatServer): Promise<void> {
  chat.attach(createServer());
  chat.attach(createTlsServer());
  // @ts-expect-error there is no such event
  chat.on("messages", () => undefined);
  // @ts-expect-error a message has a receiver
  await chat.send({ message: "Hello" });
  // @ts-expect-error a body is text or octets
  await chat.publish("/topic/a", { a: 1 });
  // @ts-expect-error it is no reason for which the program may end a session
  await chat.disconnect({ user: "x" }, { code: "SHUTTING_DOWN" });
  // @ts-expect-error it is not said whose session
  await chat.disconnect({});
  // @ts-expect-error there is no such option
  await createChatServer({ datadir: "x" });
  // @ts-expect-error a guest is not vouched for
  await createChatServer({ authenticate: () => ({ kind: "guest" }) });
  // @ts-expect-error it says yes or no
  await createChatServer({ can: () => "yes" });
  // @ts-expect-error facts are not to be changed
  chat.on("message", (fact) => { fact.message.message = ""; });
}
void neverRun;

const [dataDir = ""] = process.argv.slice(2);
const problems = await createChatServer({ guests: "yes" } as never).catch((error: unknown) => error);
if (!(problems instanceof OptionsError) || problems.problems.length !== 1) throw new Error("bad options were taken");

const other = await createChatServer({ store: createMemoryStore(), logger });
const own = await createSqliteStore({ file: dataDir + "/own.db" });
const third = await createChatServer({ store: own });
const chat = await createChatServer({ dataDir, authenticate, can, limits });
const { url } = await chat.listen({ port: 0 });
for (const path of ["/", "/agent", "/connection-check", "/widget.js", "/widget/panel", "/build/panel.js", "/build/console.css", "/readyz"]) {
  const response = await fetch(url + path);
  if (!response.ok) throw new Error(path + ": " + response.status);
}

const frameLimits: FrameLimits = { maxBodyBytes: 65536, maxHeaders: 64, maxHeaderLineBytes: 4096, maxHeaderBytes: 16384, maxCredentialLineBytes: 4096 };
const parser = new FrameParser(frameLimits, "server");
const webSocket = new WebSocket(url.replace("http", "ws") + "/chat", "v12.stomp");
const send = (...frame: [Parameters<typeof serializeFrame>[0], HeaderList, string?]): void =>
  webSocket.send(serializeFrame(frame[0], frame[1], frame[2], "1.2"));
function received(command: string): Promise<Frame> {
  return new Promise((resolve) => {
    webSocket.addEventListener("message", ({ data }) => {
      parser.push(new TextEncoder().encode(String(data)));
      for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
        if (frame.command === command) resolve(frame);
      }
    }, { once: false });
  });
}
await new Promise((resolve) => webSocket.addEventListener("open", resolve));
const connected = received("CONNECTED");
send("CONNECT", [["accept-version", VERSIONS.join(",")], ["host", "chat"]]);
const id = (await connected).headers.get("user-name") ?? "";
const message = received("MESSAGE");
send("SUBSCRIBE", [["id", "m"], ["destination", "/user/queue/messages"]]);
const { seq } = await chat.send({ userTo: id, message: "It works." });
const body: unknown = JSON.parse(new TextDecoder().decode((await message).body));
const refused = await other.send({ userTo: id, message: "Hello" }).catch((error: unknown) => error);
if (!(refused instanceof Refusal)) throw new Error("the other server knows them");
console.log(seq, (body as { message: string }).message, refused.code);
webSocket.close();
await Promise.all([chat.close(), other.close(), third.close()]);
`;
