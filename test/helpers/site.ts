/** A server behind a network that can fail, and watched browsers: what a page says, runs or asks of strangers is held against it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { buildPages } from "../../src/web/build.ts";
import { launchBrowser } from "./browser.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { RunningServer } from "./running-server.ts";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

/** What the browser writes to the console when a request or a socket fails: wanted by tests of bad networks. */
export const NETWORK_ERRORS = /Failed to load resource|WebSocket connection to/;

/** A policy that only reports would stay silent otherwise. */
const TELL_VIOLATIONS = `addEventListener("securitypolicyviolation", (event) => {
  console.error("policy violated:", event.violatedDirective, event.blockedURI, event.sample);
})`;

export class Site {
  readonly #environment: Record<string, string>;
  readonly #contexts: BrowserContext[] = [];
  /** What is held against the pages so far. */
  readonly complaints: string[] = [];
  readonly #expected: RegExp[] = [];
  readonly #allowed = new Set<string>();
  #browser: Browser | undefined;
  #running: { readonly server: RunningServer; readonly proxy: FaultProxy } | undefined;

  constructor(environment: Record<string, string>) {
    this.#environment = environment;
  }

  get server(): RunningServer {
    if (this.#running === undefined) throw new Error("the site is closed");
    return this.#running.server;
  }

  /** The browsers' way to the server. */
  get proxy(): FaultProxy {
    if (this.#running === undefined) throw new Error("the site is closed");
    return this.#running.proxy;
  }

  /** Where browsers find it. */
  get url(): string {
    return this.proxy.url;
  }

  async launch(): Promise<void> {
    await buildPages();
    this.#browser = await launchBrowser();
  }

  async quit(): Promise<void> {
    await this.#browser?.close();
  }

  async open(): Promise<void> {
    const server = await RunningServer.start(this.#environment);
    const proxy = new FaultProxy(() => server.port);
    await proxy.listen();
    this.#running = { server, proxy };
    for (const login of ["anna", "bert"]) await server.addAgent(login);
  }

  async close(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
    this.proxy.close();
    await this.server.remove();
    this.#running = undefined;
    this.#expected.splice(0);
    this.#allowed.clear();
    expect(this.complaints.splice(0)).toEqual([]);
  }

  /** Console errors like this are caused on purpose from now on. */
  expectErrors(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** Pages may ask this origin too from now on. */
  allow(origin: string): void {
    this.#allowed.add(origin);
  }

  /** A browser profile of its own: what its pages store, no other one sees. */
  async newProfile(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    if (this.#browser === undefined) throw new Error("there is no browser");
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    this.#contexts.push(context);
    context.setDefaultTimeout(10_000);
    await context.addInitScript(TELL_VIOLATIONS);
    this.#watch(context);
    return context;
  }

  /** A page in a profile of its own. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    return (await this.newProfile(options)).newPage();
  }

  #watch(context: BrowserContext): void {
    context.on("weberror", (error) => {
      this.complaints.push(`error: ${error.error().message}`);
    });
    context.on("console", (message) => {
      const isExpected = this.#expected.some((pattern) => pattern.test(message.text()));
      if (message.type() === "error" && !isExpected) this.complaints.push(`console: ${message.text()}`);
    });
    context.on("dialog", (dialog) => {
      this.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on("request", (request) => {
      this.#asked(request.url());
    });
    context.on("page", (page) => {
      page.on("websocket", (socket) => {
        this.#asked(socket.url().replace(/^ws/, "http"));
      });
    });
  }

  #asked(url: string): void {
    const { origin } = new URL(url);
    if (origin !== this.url && !this.#allowed.has(origin) && !/^(?:data|blob|about):/.test(url))
      this.complaints.push(`request: ${url}`);
  }
}

/** Launches a browser for the test file and opens a fresh site for each test; a complaint fails the test it belongs to. */
export function useSite(environment: Record<string, string> = {}): Site {
  const site = new Site(environment);
  beforeAll(() => site.launch());
  afterAll(() => site.quit());
  beforeEach(() => site.open());
  afterEach(() => site.close());
  return site;
}
