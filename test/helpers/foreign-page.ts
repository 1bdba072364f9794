/** A site that nobody allowed, and what a page of it tries against a chat server. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

const SOCKJS_CLIENT = createRequire(import.meta.url).resolve("sockjs-client/dist/sockjs.min.js");

/** In the page: each attempt with what became of it; `said` is what the server would do if it read it. */
const ATTEMPTS = `
const FIND = () => Math.random().toString(36).slice(2, 12);
async function tryDoors(base, said, token) {
  const outcomes = {};
  const note = async (name, attempt) => {
    outcomes[name] = await attempt().catch((error) => "refused: " + error.name);
  };
  const session = () => base + "/chat/0/" + FIND();
  const bearer = { authorization: "Bearer " + token };
  const read = async (url, options) => {
    const answer = await fetch(url, options);
    return answer.type === "opaque" ? "unreadable" : answer.ok ? "read" : "refused: " + answer.status;
  };
  for (const credentials of ["omit", "include"]) {
    const get = (url, headers = {}) => read(url, { credentials, headers });
    const post = (url, body = "", headers = {}) => read(url, { method: "POST", credentials, body, headers });
    await note(credentials + " info", () => get(base + "/chat/info"));
    await note(credentials + " xhr", () => post(session() + "/xhr"));
    await note(credentials + " xhr_streaming", () => post(session() + "/xhr_streaming"));
    await note(credentials + " xhr_send", () => post(base + "/chat/0/victim/xhr_send", said));
    await note(credentials + " eventsource", () =>
      settle((done) => {
        const source = new EventSource(session() + "/eventsource", { withCredentials: credentials === "include" });
        source.onopen = () => (source.close(), done("read"));
        source.onerror = () => (source.close(), done("refused"));
      }));
  }
  const plain = (url, body) => read(url, { method: "POST", body });
  const json = { "content-type": "application/json" };
  await note("guests", () => plain(base + "/api/guests", ""));
  await note("guests, JSON", () => read(base + "/api/guests", { method: "POST", body: "{}", headers: json }));
  await note("conversations", () => read(base + "/api/conversations", { headers: bearer }));
  await note("connection-check", () => read(base + "/api/connection-check"));
  for (const path of ["/chat", "/chat/websocket", "/chat/0/" + FIND() + "/websocket"])
    await note("WebSocket " + path, () =>
      settle((done) => {
        const socket = new WebSocket(base.replace("http", "ws") + path);
        socket.onopen = () => (socket.close(), done("read"));
        socket.onerror = () => done("refused");
      }));
  await note("sockjs-client", () =>
    settle((done) => {
      const socket = new SockJS(base + "/chat");
      socket.onopen = () => (socket.close(), done("read"));
      socket.onclose = () => done("refused");
    }));
  return outcomes;
}
async function tryBlindly(base, said) {
  const session = () => base + "/chat/0/" + FIND();
  const victim = base + "/chat/0/victim/xhr_send";
  const blind = (url, options = {}) => fetch(url, { mode: "no-cors", credentials: "include", ...options })
    .then((answer) => answer.type + answer.status, () => "opaque0");
  const answers = await Promise.all([
    blind(base + "/chat/info"),
    blind(session() + "/eventsource"),
    blind(session() + "/xhr", { method: "POST" }),
    blind(victim, { method: "POST", body: said }),
    blind(base + "/api/guests", { method: "POST", body: "{}" }),
  ]);
  navigator.sendBeacon(victim, said);
  for (const name of ["img", "script", "iframe"]) {
    const endings = name === "iframe" ? ["/eventsource", "/htmlfile?c=x"] : ["/eventsource", "/jsonp?c=tryDoors"];
    for (const ending of endings) await loaded(name, session() + ending);
  }
  for (const enctype of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    for (const url of [victim, session() + "/xhr", base + "/api/guests", base + "/api/sessions", base + "/api/identify"])
      await submitted(url, enctype, said);
  return answers;
}
const settle = (begin) => new Promise((resolve) => begin(resolve));
const loaded = (name, src) =>
  settle((done) => {
    const element = document.createElement(name);
    element.onload = element.onerror = done;
    element.src = src;
    document.body.append(element);
    setTimeout(done, 300);
  });
const submitted = (action, enctype, said) =>
  settle((done) => {
    const frame = Object.assign(document.createElement("iframe"), { name: "f" + FIND() });
    const form = Object.assign(document.createElement("form"), { action, enctype, method: "post", target: frame.name });
    // As text/plain it reads as an array of SockJS: name, an equals sign, value.
    const [name, value] = [said.slice(0, -1) + ',"', '"]'];
    form.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(frame, form);
    frame.onload = () => done();
    form.submit();
    setTimeout(done, 300);
  });
`;

/** In a frame on a page with a widget: says to page and panel what only they say to each other. */
const IMPOSTOR = `
const messages = [
  { type: "ready" }, { type: "open" }, { type: "close" }, { type: "reset" }, { type: "identify", jwt: "a.b.c" },
  { type: "hello", token: "cc_g.evil", isOpen: false }, { type: "token", token: "cc_g.evil" },
  { type: "event", name: "token", detail: "evil" }, { type: "unread", count: 7, preview: "evil", from: "evil" },
];
for (const target of [parent, ...Array.from({ length: parent.length }, (_, index) => parent[index])])
  if (target !== self)
    for (const message of [...messages, { type: "over" }]) target.postMessage({ customerChat: 1, message }, "*");
`;

export type ForeignSite = { readonly url: string; close(): Promise<unknown> };

const PAGES: Readonly<Record<string, string>> = {
  "/": `<!doctype html><title>Evil</title><body><script src="/sockjs.js"></script><script>${ATTEMPTS}</script>`,
  "/impostor": `<!doctype html><title>Evil</title><script>${IMPOSTOR}</script>`,
};

/** For a page of whichever origin. */
export const attemptScripts = (): readonly string[] => [readFileSync(SOCKJS_CLIENT, "utf8"), ATTEMPTS];

/** Serves its pages under a name that makes it another site to a browser. */
export async function openForeignSite(): Promise<ForeignSite> {
  const server = createServer(({ url = "" }, response) => {
    const page = PAGES[url];
    response.setHeader("content-type", page === undefined ? "text/javascript" : "text/html");
    response.end(page ?? readFileSync(SOCKJS_CLIENT));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
